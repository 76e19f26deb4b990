"""The page of one indicator."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from indicators.readings import indicator_page
from indicators.scoring import SCORE_VERSION
from objectives.models import Plan


@login_not_required
@require_safe
def indicator(request: HttpRequest, country: str, edition: str, key: str) -> HttpResponse:
    """An indicator: what it is, where it stands and why, and all that was said of it by both sides."""
    plan = get_object_or_404(Plan.objects.visible_to(request.user).at(country, edition))
    today = timezone.localdate()
    page = indicator_page(plan, key, request.user, today)
    if page is None:
        raise Http404
    context = {"plan": plan, "page": page, "today": today, "data_date": today, "score_version": SCORE_VERSION}
    return render(request, "indicators/indicator.html", context)
