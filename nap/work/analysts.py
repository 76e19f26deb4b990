"""What a coalition analyst may assess, and where views differ."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext as _

from actors.models import Role, rights_of
from indicators.models import Report
from indicators.standings import Standing
from nap.work.desk import Desk, Mark, Task, TaskList, draft_tasks, is_official, name_of

LONGEST = 10  # tasks in a list that only suggests; what somebody waits for is listed in full


def analyst_lists(desk: Desk) -> list[TaskList]:
    own = rights_of(desk.user).actors_as(Role.ANALYST)
    drafts: list[Report] = [
        report for report in desk.open_reports if not is_official(report) and report.actor_id in own
    ]
    begun = {(report.subject.pk, report.period_end) for report in drafts}
    new = []
    for standing in desk.standings:
        latest = standing.latest
        if latest is None or latest.verified_at is None:
            continue
        is_assessed = any(
            line.actor_id in own and line.period_end == latest.period_end for line in standing.independent
        )
        if not is_assessed and (standing.indicator.pk, latest.period_end) not in begun:
            new.append((latest.verified_at, standing, latest.period_end))
    new.sort(key=lambda item: (-item[0].timestamp(), item[1].indicator.pk))
    differing = [one for one in desk.standings if one.views_differ]
    return [
        TaskList(
            "drafts-of-assessments",
            _("Your drafts of assessments"),
            draft_tasks(desk, drafts),
            intro=_("Only people of your organisation can read them until you publish."),
        ),
        TaskList(
            "to-assess",
            _("Newly verified, not yet assessed by you"),
            tuple(_assess_task(desk, standing, end) for _at, standing, end in new[:LONGEST]),
            empty=_("You have assessed everything that was verified."),
            more=max(len(new) - LONGEST, 0),
            more_url=desk.address("nap:table"),
        ),
        TaskList(
            "differing",
            _("Where views differ"),
            tuple(_differing_task(desk, one, own) for one in differing[:LONGEST]),
            more=max(len(differing) - LONGEST, 0),
            more_url=desk.address("nap:table") + "?reporting=differ",
        ),
    ]


def _assess_task(desk: Desk, standing: Standing, end: date) -> Task:
    return Task(
        what=name_of(standing.indicator),
        period_end=end,
        url=desk.address("indicators:assessment-edit", key=standing.indicator.key, ends_on=end),
        action=_("Assess independently"),
        note=_("Official: %(value)s.") % {"value": standing.value_text or _("no value")},
    )


def _differing_task(desk: Desk, standing: Standing, own: frozenset[int]) -> Task:
    differing = [view for view in standing.views if view.differs]
    is_own = any(view.actor.pk in own for view in differing)
    said = "; ".join(f"{view.actor.short_name}: {view.text}" for view in differing)
    official = _("Official: %(value)s.") % {"value": standing.value_text or _("no value")}
    return Task(
        what=name_of(standing.indicator),
        period_end=differing[0].report.period_end,
        url=desk.address("indicators:indicator", key=standing.indicator.key) + "#views",
        action=_("Compare"),
        note=f"{official} {said}",
        marks=(Mark("differs", _("Your view differs") if is_own else _("Views differ")),),
    )
