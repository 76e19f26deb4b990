"""Session age and the headers that Django has no setting for."""

import time
from collections.abc import Callable

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse

Handler = Callable[[HttpRequest], HttpResponse]


def begin_session(request: HttpRequest) -> None:
    """Count the age of the request's session, and its idle time, from now."""
    request.session["began_at"] = request.session["seen_at"] = int(time.time())


class SessionAgeMiddleware:
    """Ends a signed-in session after `SESSION_IDLE_AGE` seconds without a request or `SESSION_COOKIE_AGE` in all.

    Touches the session at most every `SESSION_TOUCH_AGE` seconds, so that reading pages hardly ever write.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            if "began_at" not in request.session:
                begin_session(request)
            now = int(time.time())
            idle, age = now - request.session["seen_at"], now - request.session["began_at"]
            if idle > settings.SESSION_IDLE_AGE or age > settings.SESSION_COOKIE_AGE:
                logout(request)
            elif idle >= settings.SESSION_TOUCH_AGE:
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
