"""Session age and the headers that Django has no setting for."""

import time
from collections.abc import Callable

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse

Handler = Callable[[HttpRequest], HttpResponse]


class SessionAgeMiddleware:
    """Ends a signed-in session after `SESSION_IDLE_AGE` seconds without a request or `SESSION_COOKIE_AGE` in all.

    Touches the session at most every `SESSION_TOUCH_AGE` seconds, so that reading pages hardly ever write.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            now = int(time.time())
            began = request.session.setdefault("began_at", now)
            seen = request.session.get("seen_at", now)
            if now - seen > settings.SESSION_IDLE_AGE or now - began > settings.SESSION_COOKIE_AGE:
                logout(request)
            elif now - seen >= settings.SESSION_TOUCH_AGE or "seen_at" not in request.session:
                request.session["seen_at"] = now
        return self.get_response(request)


class PrivacyHeadersMiddleware:
    """Signed-in pages are kept by no cache; no page may use the device's sensors."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault(
            "Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()"
        )
        if request.user.is_authenticated:
            response.headers["Cache-Control"] = "no-store"
        return response
