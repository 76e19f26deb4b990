"""What is missing in a plan: the page, and the same rows as CSV."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from indicators.scoring import SCORE_VERSION
from nap.exchange import write_csv
from nap.forms import GapFilterForm
from nap.gaps import Gap, closers_of, filtered, gaps_of
from nap.gaps.page import answer_of, checklist_of, matrix_of, sections_of
from objectives.models import Plan, PlanStatus


@login_not_required
@require_safe
def gaps(request: HttpRequest, country: str, edition: str) -> HttpResponse:
    plan = get_object_or_404(Plan.objects.visible_to(request.user).at(country, edition))
    today = timezone.localdate()
    every = gaps_of(plan, today)
    form = _filter_form(request, every)
    is_filtered = bool(form.chosen or form.errors)
    shown = _shown(request, every, form)
    checklist = checklist_of(every) if plan.status == PlanStatus.DRAFT else []
    rows = () if checklist and not is_filtered else shown
    closers = closers_of(_shown(request, every, form, without=("actor",)))
    context = {
        "plan": plan,
        "section": "gaps",
        "data_date": today,
        "score_version": SCORE_VERSION,
        "today": today,
        "form": form,
        "is_filtered": is_filtered,
        "total": len(every),
        "shown": len(shown),
        "mine": len(_closable(request, every)),
        "answer": answer_of(every, closers_of(every)),
        "checklist": checklist,
        "complete": sum(not number for _kind, number in checklist),
        "matrix": matrix_of(_shown(request, every, form, without=("kind", "objective", "group")), every),
        "closers": closers,
        "sections": sections_of(rows, request.user, today, request.get_full_path()),
    }
    return render(request, "nap/gaps.html", context)


@login_not_required
@require_safe
def gaps_csv(request: HttpRequest, country: str, edition: str) -> HttpResponse:
    """The rows of the page with the same filters; for a draft without any, the rows that its checklist counts."""
    plan = get_object_or_404(Plan.objects.visible_to(request.user).at(country, edition))
    today = timezone.localdate()
    every = gaps_of(plan, today)
    name = f"gaps-{country}-{edition}-{today.isoformat()}.csv"
    response = HttpResponse(
        content_type="text/csv; charset=utf-8", headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )
    headings = [
        _("Kind"),
        _("Part"),
        _("Objective"),
        _("Item"),
        _("Note"),
        _("Since"),
        _("Who can close it"),
        _("Link"),
    ]
    write_csv(
        response,
        headings,
        (
            [
                gap.kind.label,
                gap.group.label,
                gap.objective.code if gap.objective else "",
                gap.where,
                gap.note,
                gap.since.isoformat() if gap.since else "",
                "; ".join(str(closer.name) for closer in gap.closers),
                request.build_absolute_uri(gap.close_url),
            ]
            for gap in _shown(request, every, _filter_form(request, every))
        ),
    )
    return response


def _filter_form(request: HttpRequest, every: tuple[Gap, ...]) -> GapFilterForm:
    form = GapFilterForm(request.GET, gaps=every, is_signed_in=request.user.is_authenticated)
    form.full_clean()
    return form


def _shown(
    request: HttpRequest, every: tuple[Gap, ...], form: GapFilterForm, without: tuple[str, ...] = ()
) -> tuple[Gap, ...]:
    """The gaps that the form asks for, or, so as to count along one of them, `without` some filters.

    A filter that says what no gap has finds nothing, instead of being left out unseen.
    """
    if set(form.errors) - set(without):
        return ()
    found = filtered(every, **{name: value for name, value in form.criteria.items() if name not in without})
    return _closable(request, found) if form.is_mine else found


def _closable(request: HttpRequest, gaps: Iterable[Gap]) -> tuple[Gap, ...]:
    return tuple(gap for gap in gaps if gap.may_close(request.user))
