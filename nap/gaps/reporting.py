"""Gaps in reporting: what nobody said, said too late, said without showing it, or what waits for another person."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from django.utils.formats import date_format
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from actors.models import Role
from indicators.models import ActivityReport, DataState, Indicator, ProgressReport, Report, ReportState
from indicators.permissions import can_add_evidence, can_edit_report, can_report_on, can_verify
from indicators.scoring import Period, add_months
from indicators.standings import ReportLine, Standing
from nap.gaps.design import can_invite_verifiers, invitation
from nap.gaps.facts import Facts, day_of
from nap.gaps.kinds import COORDINATOR, Closer, Gap, GapKind, Person, Words
from objectives.permissions import can_edit_plan

SILENT_AFTER = 2  # due periods without a value; also when scoring no longer carries the last one forward
STALE_AFTER = 2  # reporting intervals


def reporting_gaps(facts: Facts) -> Iterator[Gap]:
    returned = {(report.subject, report.period_end) for report in facts.open_reports if _is_returned(report)}
    waiting = {(report.subject, report.period_end) for report in facts.open_reports if not _is_returned(report)}
    for standing in facts.standings:
        indicator = standing.indicator
        yield from _missing(
            facts,
            standing,
            waiting={end for subject, end in waiting if subject == indicator},
            returned={end for subject, end in returned if subject == indicator},
        )
        yield from _of_the_value(facts, standing)
    for report in facts.open_reports:
        yield _returned(facts, report) if _is_returned(report) else _waiting(facts, report)


def _missing(facts: Facts, standing: Standing, *, waiting: set[date], returned: set[date]) -> Iterator[Gap]:
    """Never reported, or gone silent, or overdue: one at most, the gravest."""
    due = standing.due(facts.today)
    if not due:
        return
    handed_in = {line.period_end for line in standing.official} | waiting | returned
    unanswered = _without_value(standing, due, waiting)
    if not handed_in:
        yield _to_report(facts, standing, GapKind.NEVER_REPORTED, due[-1], since=due[0].due_on)
    elif standing.assessment.value is not None and len(unanswered) >= SILENT_AFTER:
        note = format_lazy(_("last value for the period to {day}"), day=_day(standing.assessment.period_end))
        yield _to_report(facts, standing, GapKind.SILENT, unanswered[-1], since=unanswered[0].due_on, note=note)
    elif due[-1].ends_on not in handed_in:
        yield _to_report(facts, standing, GapKind.OVERDUE, due[-1], since=due[-1].due_on)


def _without_value(standing: Standing, due: tuple[Period, ...], waiting: set[date]) -> list[Period]:
    """Due periods after the last value for which there is none. One that waits to be verified is not missing, and one
    that was not applicable needs none; "no data" is no value."""
    last = standing.assessment.period_end or date.min
    answered = {
        line.period_end
        for line in standing.official
        if line.level is not None or line.data_state == DataState.NOT_APPLICABLE
    }
    return [period for period in due if period.ends_on > last and period.ends_on not in answered | waiting]


def _of_the_value(facts: Facts, standing: Standing) -> Iterator[Gap]:
    """What the value in force rests on: a time long past, or no evidence."""
    now = standing.assessment
    latest = next((line for line in reversed(standing.official) if line.level is not None), None)
    if latest is None or now.as_of is None or now.period_end is None:
        return
    interval = STALE_AFTER * standing.indicator.months
    if now.is_fresh and add_months(now.as_of, interval) < now.period_end:
        period = period_to_report(standing, facts.today)
        if period:
            since = next((one.due_on for one in standing.expected if one.ends_on == now.period_end), now.period_end)
            yield _to_report(facts, standing, GapKind.STALE, period, since=min(since, facts.today))
    if not latest.has_evidence:
        yield _without_evidence(facts, standing, latest)


def period_to_report(standing: Standing, today: date) -> Period | None:
    """The period to report next: the last due one that is missing, or else the latest that has begun."""
    missing = standing.unreported(today)
    if missing:
        return missing[-1]
    ends = [period.ends_on for period in standing.expected]
    begun = [period for n, period in enumerate(standing.expected) if n == 0 or ends[n - 1] < today]
    return begun[-1] if begun else None


def _to_report(
    facts: Facts, standing: Standing, kind: GapKind, period: Period, *, since: date, note: Words = ""
) -> Gap:
    indicator = standing.indicator
    reporter = reporter_of(facts, indicator, period)
    return Gap(
        kind=kind,
        item=indicator.key,
        where=str(indicator),
        url=facts.address("indicators:indicator", key=indicator.key),
        since=since,
        closers=(reporter.closer,),
        close_url=reporter.form,
        permit=reporter.permit,
        step=reporter.step,
        objective=indicator.objective,
        note=note,
    )


@dataclass(frozen=True, slots=True)
class Reporter:
    """Who reports on an indicator, the form to do it in, and who may use that."""

    closer: Closer
    form: str
    permit: Callable[[Person], bool]
    step: Words = ""


def reporter_of(facts: Facts, indicator: Indicator, period: Period | None) -> Reporter:
    """Who is to report on `indicator` for `period`. Where nobody reports on it, the coordinator first names somebody."""
    actor = indicator.reporting_actor
    if actor is None or not facts.is_current(actor):
        edit = facts.address("indicators:indicator-edit", key=indicator.key) + "#id_reporting_actor"
        return Reporter(
            COORDINATOR, edit, partial(can_edit_plan, plan=facts.plan), step=GapKind.NO_REPORTER.close_label
        )
    form = facts.address("indicators:indicator", key=indicator.key)
    if period is not None:
        form = facts.address("indicators:report-edit", key=indicator.key, ends_on=period.ends_on)
    return Reporter(Closer.of(actor), form, partial(can_report_on, indicator=indicator))


def _without_evidence(facts: Facts, standing: Standing, latest: ReportLine) -> Gap:
    indicator = standing.indicator
    report = ProgressReport(
        pk=latest.pk, indicator=indicator, stream=latest.stream, state=latest.state, actor_id=latest.actor_id
    )
    return Gap(
        kind=GapKind.NO_EVIDENCE,
        item=indicator.key,
        where=str(indicator),
        url=facts.address("indicators:indicator", key=indicator.key),
        since=day_of(latest.verified_at),
        closers=(Closer.of(facts.actors[latest.actor_id]),),
        close_url=facts.address("indicators:evidence-create", pk=latest.pk),
        permit=partial(can_add_evidence, report=report),
        objective=indicator.objective,
        note=_for_the_period(latest.period_end),
    )


def _waiting(facts: Facts, report: Report) -> Gap:
    organisations = facts.seats.verifiers_of(
        [report.actor_id, report.entered_by_id], persons=[report.author_id, report.submitted_by_id]
    )
    since = day_of(report.submitted_at)
    if not organisations:
        return _on_its_way(
            facts,
            report,
            GapKind.WAITING,
            since=since,
            closers=(COORDINATOR,),
            close_url=invitation(facts.plan, role=Role.VERIFIER),
            permit=partial(can_invite_verifiers, plan=facts.plan),
            step=GapKind.NO_VERIFIER.close_label,
        )
    form = "indicators:report-verify" if isinstance(report, ProgressReport) else "indicators:activity-report-verify"
    return _on_its_way(
        facts,
        report,
        GapKind.WAITING,
        since=since,
        closers=tuple(Closer.of(actor) for actor in organisations),
        close_url=facts.address(form, pk=report.pk),
        permit=partial(can_verify, report=report),
    )


def _returned(facts: Facts, report: Report) -> Gap:
    form = "indicators:report-edit" if isinstance(report, ProgressReport) else "indicators:activity-report-edit"
    return _on_its_way(
        facts,
        report,
        GapKind.RETURNED,
        since=day_of(report.returned_at),
        closers=(Closer.of(facts.actors[report.actor_id]),),
        close_url=facts.address(form, key=report.subject.key, ends_on=report.period_end),
        permit=partial(can_edit_report, report=report),
    )


def _on_its_way(facts: Facts, report: Report, kind: GapKind, **rest: Any) -> Gap:
    subject = report.subject
    page = "nap:activity" if isinstance(report, ActivityReport) else "indicators:indicator"
    return Gap(
        kind=kind,
        item=f"{subject.key}:{report.period_end.isoformat()}",
        where=str(subject),
        url=facts.address(page, key=subject.key),
        objective=subject.objective,
        note=_for_the_period(report.period_end),
        **rest,
    )


def _is_returned(report: Report) -> bool:
    return report.state == ReportState.RETURNED


def _for_the_period(end: date) -> Words:
    return format_lazy(_("for the period to {day}"), day=_day(end))


def _day(day: date | None) -> str:
    return date_format(day) if day else ""
