from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ActorsConfig(AppConfig):
    """Countries, actors, people and their roles; imports no other app of the project."""

    name = "actors"
    verbose_name = _("actors and people")
    default_auto_field = "django.db.models.BigAutoField"
