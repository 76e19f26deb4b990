"""What templates get on every page that asks for it."""

from django.conf import settings
from django.http import HttpRequest

from nap.demonstration.accounts import demo_accounts


def demonstration(request: HttpRequest) -> dict[str, object]:
    """`demo_accounts` on the sign-in page of a demonstration; everywhere else nothing, passwords least of all."""
    match = request.resolver_match
    if not settings.IS_DEMONSTRATION or match is None or match.view_name != settings.LOGIN_URL:
        return {}
    return {"demo_accounts": demo_accounts}
