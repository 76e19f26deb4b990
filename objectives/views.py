"""A plan's words, its preparation, its activities, and what it took up of its model."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from actors.actions import save_edit
from actors.pages import answer_form, answers_once, next_address
from objectives.actions import (
    OF_ACTIVITIES,
    OF_OBJECTIVES,
    CoverageTables,
    decide_coverage,
    decision_on,
    save_activity,
)
from objectives.forms import ActivityForm, CoverageForm, MilestoneForm, ReadinessForm
from objectives.models import Activity, Milestone, Objective, Plan
from objectives.permissions import can_edit_plan

form_page = require_http_methods(["GET", "HEAD", "POST"])


@login_not_required
@require_safe
def glossary(request: HttpRequest, country: str, edition: str) -> HttpResponse:
    """The words of a country's plan, and the way to those of the model."""
    plan = get_object_or_404(Plan.objects.visible_to(request.user).at(country, edition).select_related("model"))
    return _render_glossary(request, plan)


@login_not_required
@require_safe
def model_glossary(request: HttpRequest) -> HttpResponse:
    """The glossary of the model, quoted, and the words used today; where several are loaded, the first active one."""
    plan = Plan.objects.visible_to(request.user).models().active().order_by("pk").first()
    if plan is None:
        raise Http404
    return _render_glossary(request, plan)


def _render_glossary(request: HttpRequest, plan: Plan) -> HttpResponse:
    context = {"plan": plan, "section": "glossary", "terms": plan.terms.all(), "wordings": plan.wordings.all()}
    return render(request, "objectives/glossary.html", context)


@form_page
@answers_once
def readiness(request: HttpRequest, country: str, edition: str) -> HttpResponse:
    """Note what was done before the plan was written: analysis, legal review, consultation."""
    plan = get_object_or_404(Plan.objects.visible_to(request.user).at(country, edition))
    if not can_edit_plan(request.user, plan):
        raise PermissionDenied
    form = ReadinessForm(request.POST or None, instance=plan)

    def write() -> str:
        save_edit(plan, version=form.cleaned_data["version"], by=request.user)
        messages.success(request, _("The preparation is saved."))
        return next_address(request, address(plan, "nap:overview"))

    return answer_form(
        request,
        form,
        write=write,
        context={
            "plan": plan,
            "title": _("How the plan was prepared"),
            "lead": _(
                "Three steps that the model plan asks for before a plan is written. Each counts once it has a day."
            ),
            "cancel_url": next_address(request, address(plan, "nap:overview")),
        },
    )


@form_page
@answers_once
def activity_edit(request: HttpRequest, country: str, edition: str, key: str) -> HttpResponse:
    """Edit an activity: its words and days, who leads it and who contributes; and add a milestone."""
    plan = get_object_or_404(Plan.objects.visible_to(request.user).at(country, edition))
    activity = get_object_or_404(Activity.objects.of(plan).select_related("objective"), key=key)
    if not can_edit_plan(request.user, plan):
        raise PermissionDenied
    activity.objective.plan = plan
    form = ActivityForm(request.POST or None, instance=activity)
    page = address(plan, "nap:activity", key=key)

    def write() -> str:
        data = form.cleaned_data
        save_activity(
            activity=activity,
            milestone=form.milestone,
            by=request.user,
            **{name: data[name] for name in ("version", "lead", "co_leads", "contributors")},
        )
        messages.success(request, _("The activity is saved."))
        return next_address(request, page)

    return answer_form(
        request,
        form,
        write=write,
        template="objectives/activity_edit.html",
        context={
            "plan": plan,
            "activity": activity,
            "code": activity.code,
            "milestones": activity.milestones.all(),
            "title": _("Edit activity %(code)s") % {"code": activity.code},
            "cancel_url": next_address(request, page),
            "has_free_text": True,
        },
    )


@form_page
@answers_once
def milestone_edit(request: HttpRequest, country: str, edition: str, key: str) -> HttpResponse:
    """Change a milestone, or note that it is done."""
    plan = get_object_or_404(Plan.objects.visible_to(request.user).at(country, edition))
    milestone = get_object_or_404(Milestone.objects.of(plan).select_related("activity__objective"), key=key)
    if not can_edit_plan(request.user, plan):
        raise PermissionDenied
    milestone.activity.objective.plan = plan
    form = MilestoneForm(request.POST or None, instance=milestone)
    page = address(plan, "nap:activity", key=milestone.activity.key)

    def write() -> str:
        save_edit(milestone, version=form.cleaned_data["version"], by=request.user)
        messages.success(request, _("The milestone is saved."))
        return next_address(request, page)

    return answer_form(
        request,
        form,
        write=write,
        context={
            "plan": plan,
            "title": _("Edit a milestone"),
            "lead": str(milestone.activity),
            "cancel_url": next_address(request, page),
            "has_free_text": True,
        },
    )


@form_page
@answers_once
def objective_coverage(request: HttpRequest, country: str, edition: str, key: str) -> HttpResponse:
    """Decide on an objective of the model: what takes it up, or why it is left out."""
    plan = get_object_or_404(Plan.objects.visible_to(request.user).at(country, edition))
    return answer_coverage(request, plan, key, OF_OBJECTIVES, title=_("Decide on an objective of the model"))


@form_page
@answers_once
def activity_coverage(request: HttpRequest, country: str, edition: str, key: str) -> HttpResponse:
    """Decide on an activity of the model: what takes it up, or why it is left out."""
    plan = get_object_or_404(Plan.objects.visible_to(request.user).at(country, edition))
    return answer_coverage(request, plan, key, OF_ACTIVITIES, title=_("Decide on an activity of the model"))


def answer_coverage(request: HttpRequest, plan: Plan, key: str, tables: CoverageTables, *, title: str) -> HttpResponse:
    """The page on which a coordinator decides on the item `key` of the model that `plan` follows."""
    items = tables.items._default_manager
    related = [] if tables.items is Objective else ["objective"]
    model_item = get_object_or_404(items.filter(pk__in=items.of(plan.model_id)).select_related(*related), key=key)
    if not can_edit_plan(request.user, plan):
        raise PermissionDenied
    decided = decision_on(plan, model_item, tables)
    form = CoverageForm(request.POST or None, decided=decided)
    back = next_address(request, address(plan, "nap:gaps"))

    def write() -> str:
        version = form.cleaned_data["version"]
        decide_coverage(plan=plan, model_item=model_item, tables=tables, version=version, by=request.user, **form.said)
        messages.success(request, _("The decision on item %(code)s of the model is saved.") % {"code": model_item.code})
        return back

    return answer_form(
        request,
        form,
        write=write,
        template="objectives/coverage.html",
        context={
            "plan": plan,
            "title": title,
            "decided": decided,
            "model_item": model_item,
            "model_objective": getattr(model_item, "objective", model_item),
            "cancel_url": back,
            "has_free_text": True,
        },
    )


def address(plan: Plan, name: str, **more: str) -> str:
    """The address of one of the plan's pages."""
    return reverse(name, kwargs={"country": plan.country.slug, "edition": plan.edition, **more})
