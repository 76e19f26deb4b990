"""The mail that tells a person of a role, and lets a new one set a password."""

from __future__ import annotations

from allauth.account import app_settings
from allauth.account.adapter import get_adapter
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import override

from actors.models import Membership, User


def send_invitation(request: HttpRequest, membership: Membership) -> None:
    """Write to the person in their language. The subject says nothing of country, organisation or role."""
    person = membership.user
    if not person.is_active:
        return
    context = {
        "person": person,
        "membership": membership,
        "is_new": not person.has_usable_password(),
        "link": _way_in(request, person),
        "days": settings.PASSWORD_RESET_TIMEOUT // (24 * 60 * 60),
        "reset_link": request.build_absolute_uri(reverse("account_reset_password")),
    }
    with override(person.language):
        get_adapter(request).send_mail("actors/invitation", person.email, context)


def _way_in(request: HttpRequest, person: User) -> str:
    """Where the person goes on: the page on which a new one sets a password, or the sign-in page.

    The link for a password is the one that "Forgotten your password?" sends: it works once, for a limited time.
    """
    if person.has_usable_password():
        return request.build_absolute_uri(reverse(settings.LOGIN_URL))
    token = app_settings.PASSWORD_RESET_TOKEN_GENERATOR().make_token(person)
    return get_adapter(request).get_reset_password_from_key_url(f"{user_pk_to_url_str(person)}-{token}")
