"""Rules of reports and assessments."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Count, Exists, F, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.db.models.lookups import Exact, IsNull

from actors.models import ASSESSOR_KINDS, Actor, Membership
from indicators.models import ActivityReport, Indicator, ProgressReport, Report, ReportState, Stream, validate_value
from nap.checkdata.finding import Finding, finding, of_country
from objectives.models import Responsibility, ResponsibilityRole

SUBJECTS: list[tuple[type[Report], str]] = [(ProgressReport, "indicator"), (ActivityReport, "activity")]
# What may change in a report after it has been fixed: the marks of an edit and, of an assessment, its withdrawal.
MAY_CHANGE = {"id", "version", "updated_at"}
WITHDRAWAL = {"state", "withdrawn_at", "withdrawal_reason"}
LOOK = "A platform administrator must look: compare the row with its history, and correct it with a new revision."


def _reports(model: type[Report], subject: str, code: str | None) -> QuerySet[Any]:
    """Reports of one kind with what their natural key reads."""
    to_country = f"{subject}__objective__plan__country"
    return of_country(model._default_manager.select_related(to_country, "actor"), to_country, code)


class Parents:
    """What each actor was part of, and when: a reorganisation after a verification does not make it wrong. Two queries."""

    def __init__(self) -> None:
        self.now = dict(Actor.objects.values_list("pk", "parent_id"))
        self.then: dict[int, list[tuple[datetime, int | None]]] = defaultdict(list)
        rows = Actor.history.order_by("history_date", "history_id").values_list("id", "history_date", "parent_id")
        for pk, moment, parent in rows:
            self.then[pk].append((moment, parent))

    def of(self, actor: int, moment: datetime) -> int | None:
        """What `actor` was part of at `moment`; as first recorded where that is later, as now without a record."""
        known = self.then.get(actor)
        if not known:
            return self.now.get(actor)
        return known[max(bisect_right(known, moment, key=lambda one: one[0]) - 1, 0)][1]

    def is_at_or_above(self, upper: int, lower: int | None, moment: datetime) -> bool:
        seen: set[int] = set()
        while lower is not None and lower not in seen:
            if lower == upper:
                return True
            seen.add(lower)
            lower = self.of(lower, moment)
        return False

    def are_in_line(self, one: int, other: int, moment: datetime) -> bool:
        return self.is_at_or_above(one, other, moment) or self.is_at_or_above(other, one, moment)


def verifiers_are_of_another_organisation(code: str | None) -> Iterator[Finding]:
    """Who verified had no membership, on that day, in the reporting actor, the one that entered the report, or one
    above or below these. Six queries."""
    parents = Parents()
    for model, subject in SUBJECTS:
        reports = _reports(model, subject, code).filter(state=ReportState.VERIFIED)
        held: dict[int, list[tuple[int, date, date | None]]] = defaultdict(list)
        verifiers = Membership.objects.filter(user__in=reports.order_by().values("verified_by"))
        for user, actor, first, last in verifiers.values_list("user_id", "actor_id", "starts_on", "ends_on"):
            held[user].append((actor, first, last))
        for report in reports.select_related(f"{subject}__objective__plan__country", "actor", "verified_by").iterator():
            day = report.verified_at.date()
            own = [actor for actor, first, last in held[report.verified_by_id] if first <= day <= (last or day)]
            reporting = [pk for pk in (report.actor_id, report.entered_by_id) if pk]
            if any(parents.are_in_line(one, other, report.verified_at) for one in own for other in reporting):
                yield finding(
                    "verifiers_are_of_another_organisation",
                    report,
                    f"verified by {report.verified_by.email}, who belonged to the organisation that reports.",
                    "Have it corrected, and the correction verified by somebody else.",
                )


def assessments_come_from_assessors(code: str | None) -> Iterator[Finding]:
    """Independent assessments come from civil-society and independent organisations. One query."""
    rows = _reports(ProgressReport, "indicator", code).filter(stream=Stream.INDEPENDENT)
    for report in rows.exclude(actor__kind__in=ASSESSOR_KINDS):
        yield finding(
            "assessments_come_from_assessors",
            report,
            f"its actor is of the kind “{report.actor.kind}”.",
            "A platform administrator must look: either the actor's kind or the stream is wrong.",
        )


def official_reports_come_from_who_answers(code: str | None) -> Iterator[Finding]:
    """An official report comes from the indicator's reporting actor or the activity's lead: the one now, or one that
    its history knows, since a report stays when the task moves on. Two queries."""
    rule = "official_reports_come_from_who_answers"
    remedy = "Name the actor as the one that reports, or have the report corrected by the one that does."
    once = Indicator.history.filter(id=OuterRef("indicator_id"), reporting_actor=OuterRef("actor_id"))
    official = _reports(ProgressReport, "indicator", code).filter(stream=Stream.OFFICIAL)
    for report in official.exclude(actor=F("indicator__reporting_actor")).exclude(Exists(once)):
        yield finding(rule, report, f"{report.actor.key} is not the indicator's reporting actor.", remedy)
    lead = {
        "activity": OuterRef("activity_id"),
        "actor": OuterRef("actor_id"),
        "role": ResponsibilityRole.LEAD,
    }
    reports = _reports(ActivityReport, "activity", code)
    reports = reports.exclude(Exists(Responsibility.objects.filter(**lead)))
    for report in reports.exclude(Exists(Responsibility.history.filter(**lead))):
        yield finding(rule, report, f"{report.actor.key} does not lead the activity.", remedy)


def reports_stay_in_their_plan(code: str | None) -> Iterator[Finding]:
    """A report's period is of the plan, and those who report, enter and verify are of its country. Two queries."""
    for model, subject in SUBJECTS:
        to_plan, to_country = f"{subject}__objective__plan", f"{subject}__objective__plan__country"
        wrong = ~Q(period__plan=F(to_plan)) | ~Q(actor__country=F(to_country))
        for name in ("entered_by", "verifier_actor"):
            wrong |= Q(**{f"{name}__isnull": False}) & ~Q(**{f"{name}__country": F(to_country)})
        for report in _reports(model, subject, code).filter(wrong):
            yield finding("reports_stay_in_their_plan", report, "its period or an actor is of another plan.", LOOK)


def reports_know_their_periods_end(code: str | None) -> Iterator[Finding]:
    """The one copy that a report keeps, of its period's last day, is true. Two queries."""
    for model, subject in SUBJECTS:
        rows = (
            _reports(model, subject, code)
            .exclude(period_end=F("period__ends_on"))
            .select_related(f"{subject}__objective__plan__country", "actor", "period")
        )
        for report in rows:
            found = f"its period ends on {report.period.ends_on.isoformat()}."
            yield finding(
                "reports_know_their_periods_end", report, found, "Set period_end to that day, in the database."
            )


def values_fit_their_indicator(code: str | None) -> Iterator[Finding]:
    """A reported value fits the kind of its indicator, and a step its scale. One query."""
    rows = _reports(ProgressReport, "indicator", code).filter(Q(value__isnull=False) | Q(step__isnull=False))
    for report in rows.select_related("indicator__objective__plan__country", "actor", "step").iterator():
        try:
            validate_value(report.indicator, report.value, report.step)
        except ValidationError as error:
            yield finding(
                "values_fit_their_indicator",
                report,
                " ".join(error.messages),
                "Set the indicator's kind and scale back, or have the report corrected.",
            )


def percentages_are_their_fraction(code: str | None) -> Iterator[Finding]:
    """A percentage is that of its numerator and denominator, to four places; nothing else has them. One query."""
    rows = _reports(ProgressReport, "indicator", code).filter(numerator__isnull=False, value__isnull=False)
    for report in rows.iterator():
        share = (report.numerator / report.denominator * 100).quantize(Decimal("0.0001"))
        if report.indicator.kind != "percentage" or share != report.value.quantize(Decimal("0.0001")):
            yield finding(
                "percentages_are_their_fraction",
                report,
                f"{report.numerator} of {report.denominator} is {share} per cent, the value {report.value}.",
                "Have the report corrected.",
            )


def verified_reports_are_fixed(code: str | None) -> Iterator[Finding]:
    """A verified report says what it said when it was verified, as far as its history tells. Four queries."""
    for model, subject in SUBJECTS:
        reports = _reports(model, subject, code).filter(state=ReportState.VERIFIED)
        yield from _changed("verified_reports_are_fixed", reports, model, ReportState.VERIFIED, MAY_CHANGE)


def published_assessments_are_fixed(code: str | None) -> Iterator[Finding]:
    """A published assessment says what it said when it was published; withdrawing leaves its text. Two queries."""
    reports = _reports(ProgressReport, "indicator", code)
    reports = reports.filter(state__in=[ReportState.PUBLISHED, ReportState.WITHDRAWN])
    may_change = MAY_CHANGE | WITHDRAWAL
    yield from _changed("published_assessments_are_fixed", reports, ProgressReport, ReportState.PUBLISHED, may_change)


def _changed(
    rule: str, reports: QuerySet[Any], model: type[Report], state: str, may_change: set[str]
) -> Iterator[Finding]:
    """Findings for `reports` that differ from any row of their history in `state`. Two queries.

    The database counts the history rows, and those that agree in every field; a comparison for difference would have
    to take care of NULL, which is neither equal nor unequal.
    """
    history = model.history.model
    fixed = [field for field in model._meta.concrete_fields if field.name not in may_change]
    recorded = history.objects.filter(id=OuterRef("pk"), history_type__in=["+", "~"], state=state).order_by()
    agreeing = recorded.filter(*(_same(field.attname) for field in fixed))
    suspects = reports.annotate(recorded=_counted(recorded), agreeing=_counted(agreeing)).exclude(
        agreeing=F("recorded")
    )
    rows = {report.pk: report for report in suspects}
    for pk, names in _differences(history, state, rows, fixed).items():
        yield finding(rule, rows[pk], f"changed since: {', '.join(names)}.", LOOK)


def _same(name: str) -> Q:
    mine, theirs = F(name), OuterRef(name)
    return Q(Exact(mine, theirs)) | (Q(IsNull(mine, True)) & Q(IsNull(theirs, True)))


def _counted(rows: QuerySet[Any]) -> Coalesce:
    counts = rows.values("id").annotate(rows=Count("history_id")).values("rows")
    return Coalesce(Subquery(counts, output_field=IntegerField()), 0)


def _differences(
    history: type[models.Model], state: str, rows: dict[int, Any], fixed: Iterable[models.Field]
) -> dict[int, list[str]]:
    """The names of the fields in which each row differs from its history."""
    changed: dict[int, list[str]] = {pk: [] for pk in rows}
    for then in history._default_manager.filter(id__in=rows, state=state):
        now = rows[then.id]
        for field in fixed:
            if getattr(then, field.attname) != getattr(now, field.attname) and field.name not in changed[now.pk]:
                changed[now.pk].append(field.name)
    return changed
