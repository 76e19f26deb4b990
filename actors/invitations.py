"""The mail that tells a person of a role, and lets a new one set a password."""

from __future__ import annotations

from allauth.account import app_settings
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.core.mail import send_mail
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import override

from actors.models import Membership, User


def send_invitation(request: HttpRequest, membership: Membership) -> None:
    """Write to the person in their language. The subject says nothing of country, organisation or role.

    `request` gives the links their host. A person whose account is closed gets no mail.
    """
    person = membership.user
    if not person.is_active:
        return
    context = {
        "membership": membership,
        "is_new": not person.has_usable_password(),
        "link": request.build_absolute_uri(_way_in(person)),
        "days": settings.PASSWORD_RESET_TIMEOUT // (24 * 60 * 60),
        "reset_link": request.build_absolute_uri(reverse("account_reset_password")),
        "current_site": {"domain": request.get_host()},
    }
    with override(person.language):
        subject = render_to_string("actors/invitation_subject.txt", context).strip()
        body = render_to_string("actors/invitation_message.txt", context).strip()
    send_mail(subject, body, None, [person.email])


def _way_in(person: User) -> str:
    """Where the person goes on: the page on which a new one sets a password, or the sign-in page.

    The link for a password is the one that "Forgotten your password?" sends: it works once, for a limited time.
    """
    if person.has_usable_password():
        return reverse(settings.LOGIN_URL)
    key = app_settings.PASSWORD_RESET_TOKEN_GENERATOR().make_token(person)
    return reverse("account_reset_password_from_key", kwargs={"uidb36": user_pk_to_url_str(person), "key": key})
