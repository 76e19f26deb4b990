"""How a plan is measured: its indicators, and what each of them measures."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Max
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from actors.pages import answer_form, answers_once, next_address
from indicators.actions import OF_INDICATORS, save_indicator, save_measuring
from indicators.forms.editing import ActivityIndicatorsForm, IndicatorForm, indicator_form
from indicators.models import Indicator, Kind, Scale
from objectives.models import Activity, Objective, Plan
from objectives.permissions import can_edit_plan
from objectives.views import answer_coverage

form_page = require_http_methods(["GET", "HEAD", "POST"])


@form_page
@answers_once
def indicator_edit(request: HttpRequest, country: str, edition: str, key: str) -> HttpResponse:
    """Edit how an indicator is measured, from where it starts and what it is to reach."""
    plan = get_object_or_404(Plan.objects.visible_to(request.user).at(country, edition))
    indicator = get_object_or_404(Indicator.objects.of(plan).select_related("objective", "scale"), key=key)
    if not can_edit_plan(request.user, plan):
        raise PermissionDenied
    indicator.objective.plan = plan
    is_reported = indicator.reports.exists()
    title = _("Edit indicator %(code)s") % {"code": indicator.code}
    return _answer_indicator(request, plan, indicator, title=title, is_reported=is_reported)


@form_page
@answers_once
def indicator_create(request: HttpRequest, country: str, edition: str, key: str) -> HttpResponse:
    """Add an indicator to an objective."""
    plan = get_object_or_404(Plan.objects.visible_to(request.user).at(country, edition))
    objective = get_object_or_404(plan.objectives, key=key)
    if not can_edit_plan(request.user, plan):
        raise PermissionDenied
    objective.plan = plan
    order = (objective.indicators.aggregate(last=Max("order"))["last"] or 0) + 1
    indicator = Indicator(objective=objective, order=order, code=f"{objective.code}.{order}", kind=Kind.NUMBER)
    return _answer_indicator(request, plan, indicator, title=_("Add an indicator"))


def _answer_indicator(
    request: HttpRequest, plan: Plan, indicator: Indicator, *, title: str, is_reported: bool = False
) -> HttpResponse:
    scales = list(Scale.objects.of(plan))
    if not is_reported:
        _measure_as_asked(request, indicator, scales)
    sent = request.POST.get("kind")
    form = indicator_form(sent if sent in Kind.values else indicator.kind)(request.POST or None, instance=indicator)
    back = next_address(request, _page_of(plan, indicator))

    def write() -> str:
        _save(form, request)
        messages.success(request, _("The indicator is saved."))
        return next_address(request, _page_of(plan, indicator))

    return answer_form(
        request,
        form,
        write=write,
        template="indicators/indicator_edit.html",
        context={
            "plan": plan,
            "indicator": indicator,
            "objective": indicator.objective,
            "title": title,
            "formset": form.targets,
            "is_reported": is_reported,
            "measures": _measures(scales),
            "measure": _measure_of(indicator, scales),
            "cancel_url": back,
            "has_free_text": True,
        },
    )


def _save(form: IndicatorForm, request: HttpRequest) -> None:
    targets, removed = form.target_changes
    save_indicator(
        indicator=form.instance,
        version=form.cleaned_data["version"],
        targets=targets,
        removed=removed,
        change_reason=form.cleaned_data.get("change_reason", ""),
        by=request.user,
    )


def _measures(scales: list[Scale]) -> list[tuple[str, str]]:
    """The ways to measure that a plan offers: the kinds without a scale, and each scale of the plan."""
    kinds = [(kind.value, str(kind.label)) for kind in (Kind.NUMBER, Kind.PERCENTAGE, Kind.YES_NO)]
    return kinds + [(scale.key, _("Scale: %(name)s") % {"name": scale.name}) for scale in scales]


def _measure_as_asked(request: HttpRequest, indicator: Indicator, scales: list[Scale]) -> None:
    """Show the form for another kind or scale, where `?measure=` asks for it; stored only with the form."""
    wanted = request.GET.get("measure") if request.method != "POST" else None
    scale = next((scale for scale in scales if scale.key == wanted), None)
    if scale:
        indicator.kind, indicator.scale = Kind.SCALE, scale
    elif wanted in (Kind.NUMBER, Kind.PERCENTAGE, Kind.YES_NO):
        indicator.kind, indicator.scale = wanted, None


def _measure_of(indicator: Indicator, scales: list[Scale]) -> str:
    by_id = {scale.pk: scale.key for scale in scales}
    return by_id.get(indicator.scale_id, "") if indicator.kind == Kind.SCALE else indicator.kind


@form_page
@answers_once
def activity_indicators(request: HttpRequest, country: str, edition: str, key: str) -> HttpResponse:
    """Choose which of the plan's indicators measure an activity."""
    plan = get_object_or_404(Plan.objects.visible_to(request.user).at(country, edition))
    activity = get_object_or_404(Activity.objects.of(plan).select_related("objective"), key=key)
    if not can_edit_plan(request.user, plan):
        raise PermissionDenied
    activity.objective.plan = plan
    form = ActivityIndicatorsForm(request.POST or None, instance=activity)
    page = _address(plan, "nap:activity", activity.key)

    def write() -> str:
        data = form.cleaned_data
        chosen = list(data["indicators"])
        save_measuring(activity=activity, version=data["version"], indicators=chosen, by=request.user)
        messages.success(request, _("It is saved which indicators measure the activity."))
        return next_address(request, page)

    return answer_form(
        request,
        form,
        write=write,
        template="indicators/activity_indicators.html",
        context={
            "plan": plan,
            "activity": activity,
            "title": _("What measures activity %(code)s") % {"code": activity.code},
            "cancel_url": next_address(request, page),
        },
    )


@form_page
@answers_once
def indicator_coverage(request: HttpRequest, country: str, edition: str, key: str) -> HttpResponse:
    """Decide on an indicator of the model: what takes it up, or why it is left out."""
    plan = get_object_or_404(Plan.objects.visible_to(request.user).at(country, edition))
    return answer_coverage(request, plan, key, OF_INDICATORS, title=_("Decide on an indicator of the model"))


def _address(plan: Plan, name: str, key: str) -> str:
    return reverse(name, kwargs={"country": plan.country.slug, "edition": plan.edition, "key": key})


def _page_of(plan: Plan, indicator: Indicator) -> str:
    """The indicator's page, or its objective's while it is new."""
    above: Objective = indicator.objective
    if indicator.pk is None:
        return _address(plan, "nap:objective", above.key)
    return _address(plan, "indicators:indicator", indicator.key)
