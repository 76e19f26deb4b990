from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ObjectivesConfig(AppConfig):
    """Plans, areas, objectives, activities, responsibilities, glossary; imports only `actors`."""

    name = "objectives"
    verbose_name = _("plans and objectives")
    default_auto_field = "django.db.models.BigAutoField"
