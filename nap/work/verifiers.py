"""What a verifier has to verify, and what is for another one."""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from indicators.models import ProgressReport, Report, ReportState
from indicators.permissions import can_verify
from nap.work.desk import Desk, Mark, Task, TaskList, name_of


def verifier_lists(desk: Desk) -> list[TaskList]:
    waiting = [report for report in desk.open_reports if report.state == ReportState.SUBMITTED]
    own = [report for report in waiting if can_verify(desk.user, report)]
    others = [report for report in waiting if report not in own]
    return [
        TaskList(
            "to-verify",
            _("Waiting for you to verify"),
            tuple(_waiting_task(desk, report, is_own=True) for report in own),
            intro=_("Oldest first. Verify a report, or return it with what is missing."),
            empty=_("No report waits for you."),
        ),
        TaskList(
            "for-others",
            _("For another verifier"),
            tuple(_waiting_task(desk, report, is_own=False) for report in others),
            intro=_("You wrote these, or they come from your own organisation or one above or below it."),
        ),
    ]


def waiting_sentences(own: TaskList) -> list[str]:
    number = len(own.tasks)
    if not number:
        return [_("Nothing waits for you to verify.")]
    said = ngettext("%(number)d report waits for you to verify.", "%(number)d reports wait for you to verify.", number)
    return [said % {"number": number}]


def _waiting_task(desk: Desk, report: Report, *, is_own: bool) -> Task:
    days = (desk.today - timezone.localdate(report.submitted_at)).days if report.submitted_at else 0
    marks = [Mark("waiting", ngettext("Waits for %(days)d day", "Waits for %(days)d days", days) % {"days": days})]
    is_progress = isinstance(report, ProgressReport)
    if is_progress and not report.has_evidence:
        marks.append(Mark("missing", _("No evidence")))
    if report.is_late:
        marks.append(Mark("late", _("Handed in late")))
    page = "indicators:report" if is_progress else "indicators:activity-report"
    return Task(
        what=name_of(report.subject),
        period_end=report.period_end,
        url=desk.address(f"{page}-verify" if is_own else page, pk=report.pk),
        action=_("Verify or return") if is_own else _("Read"),
        note=report.actor.name,
        marks=tuple(marks),
    )
