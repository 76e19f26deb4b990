from django.conf import settings
from django.http import HttpRequest


def mode(request: HttpRequest) -> dict[str, bool]:
    """`is_demonstration`: whether this installation shows invented data and says so on every page."""
    return {"is_demonstration": settings.IS_DEMONSTRATION}
