"""The page that a signed-in person lands on."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from nap import work


@require_safe
def my_work(request: HttpRequest) -> HttpResponse:
    """What the person has to do, in every role that they hold."""
    today = timezone.localdate()
    mine = work.my_work(request.user, today)  # type: ignore[arg-type]  # the middleware lets nobody else in
    context = {"work": mine, "today": today, "section": "my-work", "role_line": mine.role_line}
    return render(request, "nap/my_work.html", context)
