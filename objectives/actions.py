"""Writes on a plan that touch several rows."""

from __future__ import annotations

from django.db import transaction

from actors.actions import save_edit, save_new
from actors.models import Actor, User
from objectives.models import Activity, Responsibility, ResponsibilityRole
from objectives.models.activities import validate_responsibility


def save_activity(*, activity: Activity, version: int, lead: Actor | None, by: User) -> Activity:
    """Store the edited activity and make `lead` its one lead; a lead before it becomes a contributor.

    Raises EditConflict, or ValidationError where that actor may not lead.
    """
    with transaction.atomic():
        save_edit(activity, version=version, by=by)
        set_lead(activity=activity, lead=lead, by=by)
    return activity


def set_lead(*, activity: Activity, lead: Actor | None, by: User) -> None:
    """Make `lead` the one lead of `activity`; a lead before it stays as a contributor, so that nobody drops out."""
    if lead is not None:
        validate_responsibility(activity, lead, ResponsibilityRole.LEAD)
    with transaction.atomic():
        before = activity.responsibilities.leading().first()
        if before and lead and before.actor_id == lead.pk:
            return
        if before:
            before.role = ResponsibilityRole.CONTRIBUTOR
            save_edit(before, version=before.version, by=by)
        if lead is None:
            return
        now = activity.responsibilities.filter(actor=lead).first()
        if now:
            now.role = ResponsibilityRole.LEAD
            save_edit(now, version=now.version, by=by)
        else:
            save_new(Responsibility(activity=activity, actor=lead, role=ResponsibilityRole.LEAD), by=by)
