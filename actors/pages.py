"""How every page that changes something answers: form, error, conflict, or the address to go on to."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from uuid import UUID

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.defaults import permission_denied

from actors.actions import EditConflict, write_once
from actors.forms import EditForm, OnceForm
from actors.middleware import typed_texts
from actors.models import FormToken

ANSWER_LIMIT: int = FormToken._meta.get_field("answer").max_length or 0  # characters
View = Callable[..., HttpResponse]


def answers_once(view: View) -> View:
    """A second sending of a form gets the first one's answer, before the view asks whether the work may be done.

    It has been done by then: a report that was just submitted may no longer be edited, and a person who clicked twice
    would be told that they have no right to.
    """

    @wraps(view)
    def wrapper(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        if request.method == "POST":
            try:
                token = UUID(request.POST.get("form_token", ""))
            except ValueError:
                token = None
            first = token and FormToken.objects.filter(token=token, user=request.user).first()
            if first:
                return HttpResponseRedirect(first.answer)
        return view(request, *args, **kwargs)

    return wrapper


def answer_form(
    request: HttpRequest,
    form: OnceForm,
    *,
    write: Callable[[], str],
    template: str = "_form_page.html",
    context: dict,
) -> HttpResponse:
    """Show `form`, or run `write`, which stores what it says and returns the address to go on to.

    What was typed survives: an error shows it again with status 422, an edit by somebody else with 409 and both texts.
    """
    context = {**context, "form": form, "next": next_address(request, "")}
    if request.method != "POST":
        return render(request, template, context)
    if form.is_valid():
        try:
            return HttpResponseRedirect(write_once(token=form.cleaned_data["form_token"], by=request.user, write=write))
        except EditConflict as conflict:
            return _show_conflict(request, form, conflict, context)
        except ValidationError as error:
            _add_errors(form, error)
    return render(request, template, context, status=422)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The answer 403. A right may end while somebody writes (the plan closes, a lead changes): the text is given back."""
    texts = typed_texts(request) if request.method == "POST" else []
    if texts:
        return render(request, "text_kept.html", {"texts": texts}, status=403)
    return permission_denied(request, exception)


def next_address(request: HttpRequest, default: str) -> str:
    """Where to go on to: the page that the person came from, if it is one of ours, or `default`."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    if not wanted.startswith("/") or len(wanted) > ANSWER_LIMIT:
        return default
    is_ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if is_ours else default


def _add_errors(form: OnceForm, error: ValidationError) -> None:
    by_field = error.error_dict if hasattr(error, "error_dict") else {None: error.error_list}
    for name, errors in by_field.items():
        form.add_error(name if name in form.fields else None, errors)


def _show_conflict(request: HttpRequest, form: OnceForm, conflict: EditConflict, context: dict) -> HttpResponse:
    current = conflict.current
    if current is None:
        return render(request, "409.html", {**context, "is_gone": True}, status=409)
    latest = current.history.select_related("history_user").first() if hasattr(current, "history") else None
    differences = form.differences(current) if isinstance(form, EditForm) else []
    if isinstance(form, EditForm):
        context["form"] = form.reopened_at(current.version)
    context |= {"differences": differences, "latest_edit": latest}
    return render(request, "409.html", context, status=409)
