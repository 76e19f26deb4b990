"""The administration site: for platform administrators alone, who sign in on the same page as everybody else."""

from __future__ import annotations

from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _

from actors.models import is_platform_administrator


def may_open(request: HttpRequest) -> bool:
    """Whether this person may open any page of the site. Being staff is not enough."""
    return is_platform_administrator(request.user)


@login_not_required
def sign_in(request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
    """To the sign-in page, whose attempts are limited; Django's own form, which has no limit, is never shown.

    allauth's `secure_admin_login` would still show that form to staff who are no platform administrators.
    """
    if request.user.is_authenticated and not may_open(request):
        raise PermissionDenied
    target = request.GET.get("next", "")
    if not url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure()):
        target = resolve_url("admin:index")
    return HttpResponseRedirect(target) if request.user.is_authenticated else redirect_to_login(target)


def change_password(request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
    """One page changes passwords, for everybody: it ends the other sessions, too."""
    return redirect("account_change_password")


def set_up(site: admin.AdminSite) -> None:
    """Close `site` to all but platform administrators."""
    site.has_permission = may_open  # type: ignore[method-assign]  # the one site that all packages register with
    site.login = sign_in  # type: ignore[method-assign]  # the same
    site.password_change = change_password  # type: ignore[method-assign,assignment]
    site.site_header = site.site_title = _("Administration of the platform")
    site.index_title = _("Countries, people, actors and the model plan")
    site.site_url = "/"
    # Deleting by the dozen has no place here: what reports hang on is kept, memberships end and people leave.
    site.disable_action("delete_selected")
