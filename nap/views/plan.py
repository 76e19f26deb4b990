"""Pages that show a plan: the country's own, and the model."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from indicators.scoring import SCORE_VERSION
from nap.model_plan import model_objective as read_model_objective
from nap.model_plan import model_plan
from nap.objective import activity_page, objective_page
from nap.organisations import actor_lines, actor_page
from nap.overview import overview_of, plan_lines
from nap.table import Reporting, TableFilter, plan_table
from objectives.models import Plan, PlanStatus
from objectives.permissions import can_edit_plan


@login_not_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What this is, and the plans that the person may read: the public ones, and all of their own countries."""
    today = timezone.localdate()
    plans = list(Plan.objects.visible_to(request.user).national().select_related("country"))
    context = {"lines": plan_lines(plans, today), "score_version": SCORE_VERSION}
    return render(request, "nap/home.html", context)


def _render(request: HttpRequest, template: str, plan: Plan, section: str = "", **context: object) -> HttpResponse:
    """A page of a country's plan, with what its frame needs."""
    context |= {"plan": plan, "section": section, "data_date": timezone.localdate(), "score_version": SCORE_VERSION}
    return render(request, template, context)


def _address(plan: Plan, name: str) -> str:
    return reverse(name, kwargs={"country": plan.country.slug, "edition": plan.edition})  # type: ignore[union-attr]


@login_not_required
@require_safe
def overview(request: HttpRequest, country: str, edition: str) -> HttpResponse:
    """Where the plan stands as a whole."""
    plan = get_object_or_404(Plan.objects.visible_to(request.user).at(country, edition))
    page = overview_of(plan, request.user, timezone.localdate())
    return _render(request, "nap/overview.html", plan, "overview", page=page)


@login_not_required
@require_safe
def table(request: HttpRequest, country: str, edition: str) -> HttpResponse:
    """The plan's own table, with a status beside each indicator."""
    plan = get_object_or_404(Plan.objects.visible_to(request.user).at(country, edition))
    wanted = TableFilter.from_query(request.GET)
    page = plan_table(plan, wanted, timezone.localdate())
    return _render(request, "nap/table.html", plan, "table", page=page, wanted=wanted, reporting=Reporting)


@login_not_required
@require_safe
def objective(request: HttpRequest, country: str, edition: str, key: str) -> HttpResponse:
    """One objective: what is done for it and what came of it."""
    plan = get_object_or_404(Plan.objects.visible_to(request.user).at(country, edition))
    page = objective_page(plan, key, request.user, timezone.localdate())
    if page is None:
        raise Http404
    here = _("Objective %(code)s") % {"code": page.objective.code}
    crumbs = [(_("Plan"), _address(plan, "nap:table")), (here, "")]
    return _render(request, "nap/objective.html", plan, page=page, breadcrumbs=crumbs)


@login_not_required
@require_safe
def activity(request: HttpRequest, country: str, edition: str, key: str) -> HttpResponse:
    """One activity: who does it, how far it is, what it achieved."""
    plan = get_object_or_404(Plan.objects.visible_to(request.user).at(country, edition))
    page = activity_page(plan, key, request.user, timezone.localdate())
    if page is None:
        raise Http404
    above = page.activity.objective
    where = {"country": country, "edition": edition, "key": above.key}
    crumbs = [
        (_("Plan"), _address(plan, "nap:table")),
        (_("Objective %(code)s") % {"code": above.code}, reverse("nap:objective", kwargs=where)),
        (_("Activity %(code)s") % {"code": page.activity.code}, ""),
    ]
    return _render(request, "nap/activity.html", plan, page=page, breadcrumbs=crumbs)


@login_not_required
@require_safe
def actors(request: HttpRequest, country: str, edition: str) -> HttpResponse:
    """The plan's actors by sector, with what they lead and report."""
    plan = get_object_or_404(Plan.objects.visible_to(request.user).at(country, edition))
    sectors = actor_lines(plan, timezone.localdate())
    may_edit = can_edit_plan(request.user, plan)
    return _render(request, "nap/actors.html", plan, "actors", sectors=sectors, may_edit=may_edit)


@login_not_required
@require_safe
def actor(request: HttpRequest, country: str, edition: str, key: str) -> HttpResponse:
    """One actor: what it does for the plan, what it owes, what it has reported."""
    plan = get_object_or_404(Plan.objects.visible_to(request.user).at(country, edition))
    page = actor_page(plan, key, request.user, timezone.localdate())
    if page is None:
        raise Http404
    crumbs = [(_("Actors"), _address(plan, "nap:actors")), (page.actor.short_name, "")]
    return _render(request, "nap/actor.html", plan, "actors", page=page, breadcrumbs=crumbs)


def _model(request: HttpRequest) -> Plan:
    """The model plan; where several editions are loaded, the first that is active."""
    models = Plan.objects.visible_to(request.user).models()
    plan = models.filter(status=PlanStatus.ACTIVE).order_by("pk").first()
    if plan is None:
        raise Http404
    return plan


@login_not_required
@require_safe
def model(request: HttpRequest) -> HttpResponse:
    """The model plan in its four columns, word for word; `?reading=open` opens our reading of its indicators."""
    plan = _model(request)
    context = {
        "plan": plan,
        "page": model_plan(plan),
        "section": "model",
        "is_reading_open": request.GET.get("reading") == "open",
    }
    return render(request, "nap/model.html", context)


@login_not_required
@require_safe
def model_objective(request: HttpRequest, key: str) -> HttpResponse:
    """One objective of the model, with all that we read into its indicators."""
    plan = _model(request)
    row, notes = read_model_objective(plan, get_object_or_404(plan.objectives.select_related("area"), key=key))
    here = _("Objective %(code)s") % {"code": row.objective.code}
    context = {
        "plan": plan,
        "row": row,
        "notes": notes,
        "section": "model",
        "breadcrumbs": [(_("Model plan"), reverse("nap:model")), (here, "")],
    }
    return render(request, "nap/model_objective.html", context)
