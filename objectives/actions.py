"""Writes on a plan that touch several rows."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from actors.actions import EditConflict, save_edit, save_new
from actors.models import Actor, User
from objectives.models import (
    Activity,
    ActivityCoverage,
    CoverageManner,
    Milestone,
    ObjectiveCoverage,
    Omission,
    OmissionBase,
    OmissionKind,
    Plan,
    PlanPart,
    Responsibility,
    ResponsibilityRole,
    validate_coverage,
)
from objectives.models.activities import validate_responsibility
from objectives.models.coverage import Coverage
from objectives.permissions import can_edit_plan

# --- Activities ---------------------------------------------------------------------------------------------------


def save_activity(
    *,
    activity: Activity,
    version: int,
    lead: Actor | None,
    co_leads: Iterable[Actor],
    contributors: Iterable[Actor],
    milestone: Milestone | None = None,
    by: User,
) -> Activity:
    """Store the edited activity, who is responsible for it, and a `milestone` to be added where there is one.

    A lead who is replaced stays as a contributor, so that nobody drops out unseen. Raises EditConflict,
    PermissionDenied, and ValidationError where an actor may not hold its role.
    """
    if not can_edit_plan(by, activity.owning_plan):
        raise PermissionDenied
    roles = dict.fromkeys(contributors, ResponsibilityRole.CONTRIBUTOR)
    roles |= dict.fromkeys(co_leads, ResponsibilityRole.CO_LEAD)
    if lead is not None:
        roles[lead] = ResponsibilityRole.LEAD
    with transaction.atomic():
        save_edit(activity, version=version, by=by)
        _set_responsibilities(activity, roles, by=by)
        if milestone is not None:
            milestone.activity = activity
            save_new(milestone, by=by)
    return activity


def _set_responsibilities(activity: Activity, roles: dict[Actor, ResponsibilityRole], *, by: User) -> None:
    stored = {row.actor: row for row in activity.responsibilities.select_related("actor")}
    for actor, row in stored.items():
        if row.role == ResponsibilityRole.LEAD:
            roles.setdefault(actor, ResponsibilityRole.CONTRIBUTOR)
    for actor in stored.keys() - roles.keys():
        _delete(stored[actor], by=by)
    # The new lead last: the database knows one lead an activity, and the former one has stepped back by then.
    for actor, role in sorted(roles.items(), key=lambda pair: pair[1] == ResponsibilityRole.LEAD):
        known = stored.get(actor)
        if known and known.role == role:
            continue
        validate_responsibility(activity, actor, role)
        if known:
            known.role = role
            save_edit(known, version=known.version, by=by)
        else:
            save_new(Responsibility(activity=activity, actor=actor, role=role), by=by)


# --- What a plan took up of its model -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CoverageTables:
    """Where decisions on one kind of model item are stored; `omitted` is the omission's field for the model item."""

    coverage: type[Coverage]
    omission: type[OmissionBase]
    omitted: str

    @property
    def items(self) -> type[PlanPart]:
        """What both ends of the coverage are: objectives, activities or indicators."""
        return self.coverage._meta.get_field("item").related_model


OF_OBJECTIVES = CoverageTables(ObjectiveCoverage, Omission, "model_objective")
OF_ACTIVITIES = CoverageTables(ActivityCoverage, Omission, "model_activity")


@dataclass(frozen=True, slots=True)
class Decision:
    """What `plan` has decided on an item of its model, as it is stored: rows of coverage, an omission, or neither."""

    plan: Plan
    model_item: PlanPart
    tables: CoverageTables
    coverage: tuple[Coverage, ...]
    omission: OmissionBase | None

    @property
    def is_made(self) -> bool:
        return bool(self.coverage or self.omission)

    @property
    def version(self) -> int:
        """Stands for exactly these rows at their versions. A decision is several rows, or none, so there is no column
        to count in; the plan's own version would let every two decisions of a plan collide."""
        rows = [(type(row).__name__, row.pk, row.version) for row in (*self.coverage, self.omission) if row]
        return zlib.crc32(repr(rows).encode())

    @property
    def history(self) -> QuerySet[Any]:
        """The history of the rows that say what was decided last."""
        if self.omission:
            return self.omission.history.all()
        ids = [row.pk for row in self.coverage]
        return self.tables.coverage.history.filter(id__in=ids).order_by("-history_date", "-history_id")


class DecisionConflict(EditConflict):
    """Somebody else decided on the same item since the form was opened. `current` is their decision."""

    def __init__(self, current: Decision) -> None:
        Exception.__init__(self, str(current.model_item))
        self.current = current  # type: ignore[assignment]


def decision_on(plan: Plan, model_item: PlanPart, tables: CoverageTables) -> Decision:
    """The stored decision of `plan` on `model_item`. Two queries."""
    own = tables.items._default_manager.of(plan)
    coverage = tables.coverage._default_manager.filter(item__in=own, model_item=model_item)
    omission = tables.omission._default_manager.filter(plan=plan, **{tables.omitted: model_item})
    return Decision(
        plan, model_item, tables, tuple(coverage.select_related("item").order_by("pk")), omission.order_by("pk").first()
    )


def decide_coverage(
    *,
    plan: Plan,
    model_item: PlanPart,
    tables: CoverageTables,
    version: int,
    by: User,
    items: Sequence[PlanPart] = (),
    manner: str = CoverageManner.ADAPTED,
    kind: str = OmissionKind.LEFT_OUT,
    reason: str = "",
    programme: str = "",
    url: str = "",
) -> None:
    """Store that `items` of `plan` take up `model_item`, or, where there are none, why it is left out.

    Whatever was decided before is taken away, and its history stays. `version` is that of the `Decision` that the
    person saw. Raises DecisionConflict, PermissionDenied, and ValidationError by field.
    """
    if not can_edit_plan(by, plan):
        raise PermissionDenied
    if any(item.owning_plan.pk != plan.pk for item in items):
        raise ValidationError({"items": _("This item belongs to another plan.")})
    with transaction.atomic():
        Plan.objects.select_for_update().get(pk=plan.pk)  # one decision at a time; SQLite has one writer anyway
        before = decision_on(plan, model_item, tables)
        if before.version != version:
            raise DecisionConflict(before)
        if items:
            _take_up(before, items, manner, by=by)
        else:
            _leave_out(before, kind, reason, programme, url, by=by)


def _take_up(before: Decision, items: Sequence[PlanPart], manner: str, *, by: User) -> None:
    if before.omission:
        _delete(before.omission, by=by)
    stored = {row.item.pk: row for row in before.coverage}
    for pk in stored.keys() - {item.pk for item in items}:
        _delete(stored[pk], by=by)
    for item in items:
        known = stored.get(item.pk)
        if known is None:
            validate_coverage(item, before.model_item)
            row = before.tables.coverage(item=item, model_item=before.model_item, manner=manner)
            save_new(row, by=by)
        elif known.manner != manner:
            known.manner = manner
            save_edit(known, version=known.version, by=by)


def _leave_out(before: Decision, kind: str, reason: str, programme: str, url: str, *, by: User) -> None:
    if not reason.strip():
        raise ValidationError({"reason": _("Say why the plan does not take it up.")})
    if kind == OmissionKind.ELSEWHERE and not programme.strip():
        raise ValidationError({"programme": _("Name the programme that takes it up.")})
    for row in before.coverage:
        _delete(row, by=by)
    omission = before.omission or before.tables.omission(plan=before.plan, **{before.tables.omitted: before.model_item})
    omission.kind, omission.reason, omission.programme, omission.url = kind, reason, programme, url
    omission.clean()
    if before.omission:
        save_edit(omission, version=omission.version, by=by)
    else:
        save_new(omission, by=by)


def _delete(row: Coverage | OmissionBase | Responsibility, *, by: User) -> None:
    row._history_user = by  # type: ignore[union-attr]
    row.delete()
