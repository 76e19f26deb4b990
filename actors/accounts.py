"""How allauth signs people in here: nobody signs up; accounts are made by those whom `permissions` lets invite."""

from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest

from actors.middleware import begin_session
from actors.models import User


class ClosedAccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def login(self, request: HttpRequest, user: User) -> None:
        """Sign in, and count the session's age and idle time from now."""
        super().login(request, user)
        begin_session(request)
