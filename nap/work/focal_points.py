"""What a focal point has to report."""

from __future__ import annotations

from datetime import date
from operator import attrgetter

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from indicators.models import ActivityReport, ProgressReport, Report, ReportState
from indicators.permissions import can_edit_report, reporting_actor_ids
from indicators.scoring import Period
from indicators.standings import Standing
from nap.lines import ActivityLine, activity_lines, late_period
from nap.work.desk import Desk, Mark, Task, TaskList, draft_tasks, edit_url, is_official, last_value, name_of
from objectives.models import Activity, ResponsibilityRole


def _own_standings(desk: Desk) -> list[Standing]:
    own = reporting_actor_ids(desk.user)
    return [one for one in desk.standings if one.indicator.reporting_actor_id in own]


def reporting_sentences(desk: Desk) -> list[str]:
    own = _own_standings(desk)
    if not own:
        return [_("No indicator of this plan is yours to report.")]
    late = sum(late_period(one, desk.today) is not None for one in own)
    days = [period.due_on for one in own for period in one.expected if period.due_on >= desk.today]
    sentences = []
    if days:
        next_on = min(days)
        at_next = [(one, period) for one in own for period in one.expected if period.due_on == next_on]
        done = sum(
            period.ends_on in {line.period_end for line in (*one.official, *one.waiting)} for one, period in at_next
        )
        sentences.append(
            _("%(done)d of %(all)d reports due on %(day)s are handed in.")
            % {"done": done, "all": len(at_next), "day": date_format(next_on)}
        )
    if late:
        sentences.append(
            ngettext("%(number)d report is late.", "%(number)d reports are late.", late) % {"number": late}
        )
    else:
        sentences.append(_("Nothing is late."))
    return sentences


def focal_point_lists(desk: Desk) -> list[TaskList]:
    own = _own_standings(desk)
    mine = [report for report in desk.open_reports if is_official(report) and can_edit_report(desk.user, report)]
    begun = {(type(report), report.subject.pk, report.period_end) for report in desk.open_reports}
    late, coming = [], []
    for standing in own:
        period = late_period(standing, desk.today)
        if period and (ProgressReport, standing.indicator.pk, period.ends_on) not in begun:
            late.append(_late_task(desk, standing, period))
        coming += [
            _report_task(desk, standing, one, note=last_value(standing))
            for one in standing.expected
            if one.due_on >= desk.today
            and desk.has_begun(one)
            and (ProgressReport, standing.indicator.pk, one.ends_on) not in begun
            and one.ends_on not in {line.period_end for line in standing.official}
        ]
    readers = _("Once handed in, the committee reads it; once verified, everybody does.")
    return [
        TaskList("returned", _("Came back to you"), _returned(desk, mine)),
        TaskList("late", _("Late"), tuple(sorted(late, key=attrgetter("period_end")))),
        TaskList("drafts", _("Your organisation’s drafts"), draft_tasks(desk, mine), intro=readers),
        TaskList(
            "due-next",
            _("Due next"),
            tuple(sorted(coming, key=attrgetter("period_end"))),
            empty=_("Nothing else can be reported now."),
        ),
        TaskList("activities", _("Activities that you lead, without a report"), _activity_tasks(desk, begun)),
    ]


def _report_task(desk: Desk, standing: Standing, period: Period, *, note: str, marks: tuple[Mark, ...] = ()) -> Task:
    due = Mark("", _("Due on %(day)s") % {"day": date_format(period.due_on)})
    return Task(
        what=name_of(standing.indicator),
        period_end=period.ends_on,
        url=desk.address("indicators:report-edit", key=standing.indicator.key, ends_on=period.ends_on),
        action=_("Report"),
        note=note,
        marks=marks or (due,),
    )


def _late_task(desk: Desk, standing: Standing, period: Period) -> Task:
    note = last_value(standing)
    earlier = sum(one.ends_on < period.ends_on for one in standing.unreported(desk.today))
    if earlier:
        more = ngettext(
            "%(number)d earlier report is missing too.", "%(number)d earlier reports are missing too.", earlier
        )
        note = f"{note} {more % {'number': earlier}}"
    mark = Mark("late", _("Was due on %(day)s") % {"day": date_format(period.due_on)})
    return _report_task(desk, standing, period, note=note, marks=(mark,))


def _returned(desk: Desk, mine: list[Report]) -> tuple[Task, ...]:
    return tuple(
        Task(
            what=name_of(report.subject),
            period_end=report.period_end,
            url=edit_url(desk, report),
            action=_("Put right"),
            marks=(Mark("returned", _("Returned")),),
            quote=report.return_reason,
        )
        for report in mine
        if report.state == ReportState.RETURNED
    )


def _activity_tasks(desk: Desk, begun: set) -> tuple[Task, ...]:
    """Activities that ran in the last period that is over, and of which nothing was said for it. Two queries."""
    over = [end for end in desk.begins if end < desk.today]
    if not over:
        return ()
    end = max(over)
    led = Activity.objects.of(desk.plan).filter(
        responsibilities__role=ResponsibilityRole.LEAD, responsibilities__actor__in=reporting_actor_ids(desk.user)
    )
    return tuple(
        Task(
            what=name_of(line.activity),
            period_end=end,
            url=desk.address("indicators:activity-report-edit", key=line.activity.key, ends_on=end),
            action=_("Report"),
            note=_("Last reported: %(progress)s.") % {"progress": line.progress_label} if line.progress else "",
            marks=(Mark("late", _("Past its end")),) if line.is_past else (),
        )
        for line in activity_lines(led, desk.today)
        if _runs_unreported(line, desk.begins[end], end) and (ActivityReport, line.activity.pk, end) not in begun
    )


def _runs_unreported(line: ActivityLine, first: date, last: date) -> bool:
    activity = line.activity
    has_begun = activity.starts_on is None or activity.starts_on <= last
    goes_on = activity.ends_on is None or activity.ends_on >= first or line.is_past
    return has_begun and goes_on and (line.progress_on is None or line.progress_on < last)
