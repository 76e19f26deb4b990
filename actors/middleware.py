"""Session age and the headers that Django has no setting for."""

import time
from collections.abc import Callable

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import render

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


class KeptTextLoginRequiredMiddleware(LoginRequiredMiddleware):
    """Login is required everywhere; who was signed out while writing gets the text back to copy, instead of losing it."""

    def handle_no_permission(self, request: HttpRequest, view_func: Handler) -> HttpResponse:
        if request.method == "POST" and typed_texts(request):
            context = {"texts": typed_texts(request), "is_signed_out": True}
            return render(request, "text_kept.html", context, status=403)
        return super().handle_no_permission(request, view_func)


def typed_texts(request: HttpRequest) -> list[str]:
    """What a person wrote into the form that this request sends: its texts, without choices and hidden fields."""
    if "form_token" not in request.POST:
        return []
    hidden = {"form_token", "csrfmiddlewaretoken", "version", "next", "action"}
    return [text for name in request.POST if name not in hidden for text in request.POST.getlist(name) if " " in text]


class RefuseNulMiddleware:
    """Answers 400 to an address with a NUL in it: PostgreSQL holds no such text, and nobody types one."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "\x00" in request.path or any("\x00" in text for values in request.GET.lists() for text in values[1]):
            return HttpResponseBadRequest()
        if request.method == "POST" and "\x00" in request.POST.get("next", ""):
            return HttpResponseBadRequest()
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
