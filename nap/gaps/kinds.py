"""What a gap is, and the kinds that there are. What each means, in plain words: docs/gaps.md."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from django.contrib.auth.models import AnonymousUser
from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from actors.models import Actor, User
from objectives.models import Objective

Person = User | AnonymousUser
Words = str | Promise

PLAN_AS_A_WHOLE = "~plan"  # stands for the objective of a gap that has none; no key of a row has a tilde


class GapGroup(TextChoices):
    DESIGN = "design", _("Design")
    REPORTING = "reporting", _("Reporting")
    PROGRESS = "progress", _("Progress")


class GapKind(TextChoices):
    """In the order in which pages show them: by group, and within a group from the plan down to its indicators."""

    READINESS = "readiness", _("Preparation not recorded")
    OBJECTIVE_UNDECIDED = "objective_undecided", _("Objective of the model undecided")
    ACTIVITY_UNDECIDED = "activity_undecided", _("Activity of the model undecided")
    INDICATOR_UNDECIDED = "indicator_undecided", _("Indicator of the model undecided")
    ACTOR_LACKING = "actor_lacking", _("Actor of the model that nobody stands for")
    NO_FOCAL_POINT = "no_focal_point", _("Lead without a focal point")
    NO_VERIFIER = "no_verifier", _("Nobody may verify")
    OBJECTIVE_UNMEASURED = "objective_unmeasured", _("Objective without an indicator")
    NO_LEAD = "no_lead", _("Activity without a lead")
    NO_DATES = "no_dates", _("Activity without dates")
    ACTIVITY_UNMEASURED = "activity_unmeasured", _("Activity without an indicator")
    NO_BASELINE = "no_baseline", _("Indicator without a baseline")
    NO_TARGET = "no_target", _("Indicator without a target")
    NO_MEANS = "no_means", _("Indicator without means of verification")
    NO_REPORTER = "no_reporter", _("Indicator that nobody reports on")

    NEVER_REPORTED = "never_reported", _("Never reported")
    OVERDUE = "overdue", _("Report overdue")
    SILENT = "silent", _("Gone silent")
    STALE = "stale", _("Stale value")
    NO_EVIDENCE = "no_evidence", _("Verified without evidence")
    WAITING = "waiting", _("Waiting for verification")
    RETURNED = "returned", _("Returned and not resubmitted")

    OFF_TRACK = "off_track", _("Off track")
    REGRESSED = "regressed", _("Slipped back")
    MILESTONE_MISSED = "milestone_missed", _("Milestone missed")
    VIEWS_DIFFER = "views_differ", _("Views differ")
    LAW_WITHOUT_PRACTICE = "law_without_practice", _("Law without practice")

    @property
    def group(self) -> GapGroup:
        return _GROUPS.get(self, GapGroup.DESIGN)

    @property
    def close_label(self) -> Words:
        """What the button says that leads to where the gap is closed."""
        return _CLOSE_LABELS[self]


_GROUPS: dict[GapKind, GapGroup] = {
    GapKind.NEVER_REPORTED: GapGroup.REPORTING,
    GapKind.OVERDUE: GapGroup.REPORTING,
    GapKind.SILENT: GapGroup.REPORTING,
    GapKind.STALE: GapGroup.REPORTING,
    GapKind.NO_EVIDENCE: GapGroup.REPORTING,
    GapKind.WAITING: GapGroup.REPORTING,
    GapKind.RETURNED: GapGroup.REPORTING,
    GapKind.OFF_TRACK: GapGroup.PROGRESS,
    GapKind.REGRESSED: GapGroup.PROGRESS,
    GapKind.MILESTONE_MISSED: GapGroup.PROGRESS,
    GapKind.VIEWS_DIFFER: GapGroup.PROGRESS,
    GapKind.LAW_WITHOUT_PRACTICE: GapGroup.PROGRESS,
}
_CLOSE_LABELS: dict[GapKind, Words] = {
    GapKind.READINESS: _("Record it"),
    GapKind.OBJECTIVE_UNDECIDED: _("Decide"),
    GapKind.ACTIVITY_UNDECIDED: _("Decide"),
    GapKind.INDICATOR_UNDECIDED: _("Decide"),
    GapKind.ACTOR_LACKING: _("Say who stands for it"),
    GapKind.NO_FOCAL_POINT: _("Invite a focal point"),
    GapKind.NO_VERIFIER: _("Invite a verifier"),
    GapKind.OBJECTIVE_UNMEASURED: _("Add an indicator"),
    GapKind.NO_LEAD: _("Name a lead"),
    GapKind.NO_DATES: _("Set the dates"),
    GapKind.ACTIVITY_UNMEASURED: _("Link an indicator"),
    GapKind.NO_BASELINE: _("Enter the baseline"),
    GapKind.NO_TARGET: _("Set a target"),
    GapKind.NO_MEANS: _("Say how to verify"),
    GapKind.NO_REPORTER: _("Name who reports"),
    GapKind.NEVER_REPORTED: _("Report"),
    GapKind.OVERDUE: _("Report"),
    GapKind.SILENT: _("Report"),
    GapKind.STALE: _("Report"),
    GapKind.NO_EVIDENCE: _("Add evidence"),
    GapKind.WAITING: _("Verify or return"),
    GapKind.RETURNED: _("Put right"),
    GapKind.OFF_TRACK: _("Report"),
    GapKind.REGRESSED: _("Report"),
    GapKind.MILESTONE_MISSED: _("Update the milestone"),
    GapKind.VIEWS_DIFFER: _("Compare the views"),
    GapKind.LAW_WITHOUT_PRACTICE: _("See law and practice"),
}


@dataclass(frozen=True, slots=True)
class Closer:
    """Who can close a gap: an actor by its key, or a role, whose key begins with a tilde."""

    key: str
    name: Words = field(compare=False)

    @classmethod
    def of(cls, actor: Actor) -> Closer:
        return cls(actor.key, actor.name)

    @property
    def is_role(self) -> bool:
        return self.key.startswith("~")


COORDINATOR = Closer("~coordinator", _("Coordinator"))
PLATFORM_ADMINISTRATOR = Closer("~platform-administrator", _("Platform administrator"))


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that is missing, late or disputed in a plan.

    `item` is the key of what lacks something: with `kind` it is the gap's identity. `where` names it and `url` is its
    page ("" where it has none). `since` is None while the plan is a draft. `close_url` is the form that closes the gap; where another step comes first,
    it is the form of that one, and `step` is what its button says.
    """

    kind: GapKind
    item: str
    where: Words
    url: str
    since: date | None
    closers: tuple[Closer, ...]
    close_url: str
    permit: Callable[[Person], bool] = field(compare=False, repr=False)
    objective: Objective | None = None
    note: Words = ""
    step: Words = ""

    @property
    def identity(self) -> tuple[GapKind, str]:
        return (self.kind, self.item)

    @property
    def group(self) -> GapGroup:
        return self.kind.group

    @property
    def close_label(self) -> Words:
        return self.step or self.kind.close_label

    @property
    def objective_id(self) -> int | None:
        return self.objective.pk if self.objective else None

    @property
    def area_id(self) -> int | None:
        return self.objective.area_id if self.objective else None

    @property
    def objective_key(self) -> str:
        return self.objective.key if self.objective else PLAN_AS_A_WHOLE

    @property
    def area_key(self) -> str:
        return self.objective.area.key if self.objective and self.objective.area else ""

    def may_close(self, user: Person) -> bool:
        """Whether `user` may use the form that closes it; no query beyond the rights of `user`, read once."""
        return self.permit(user)
