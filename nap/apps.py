from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NapConfig(AppConfig):
    """The pages that look across the three apps; nobody imports it."""

    name = "nap"
    verbose_name = _("national action plan")
    default_auto_field = "django.db.models.BigAutoField"
