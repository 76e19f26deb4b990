from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class IndicatorsConfig(AppConfig):
    """Indicators, targets, periods, reports, scoring; imports `actors` and `objectives`."""

    name = "indicators"
    verbose_name = _("indicators and reports")
    default_auto_field = "django.db.models.BigAutoField"
