from django.apps import AppConfig
from django.core import checks
from django.utils.translation import gettext_lazy as _


class NapConfig(AppConfig):
    """The pages that look across the three apps; nobody imports it."""

    name = "nap"
    verbose_name = _("national action plan")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from nap.checks import deployment, durability

        checks.register(durability, checks.Tags.database)
        checks.register(deployment, checks.Tags.security, deploy=True)
