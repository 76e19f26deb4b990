"""What a person may do with a plan, one named fact each. The table that these follow: docs/roles.md."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser

from actors.models import User
from actors.permissions import can_coordinate
from objectives.models import Plan, PlanStatus


def can_edit_plan(user: User | AnonymousUser, plan: Plan) -> bool:
    """Edits the plan and everything in it: coordinators of its country, until it is closed. Nobody edits a model."""
    return not plan.is_model and plan.status != PlanStatus.CLOSED and can_coordinate(user, plan.country)
