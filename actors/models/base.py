"""The bases of every app's models: immutable keys and edit versions."""

import secrets

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator, URLValidator
from django.db import models
from django.utils.translation import gettext_lazy as _


def new_key() -> str:
    """A short random key for a row that travels in files: 8 hexadecimal digits, kept for good."""
    return secrets.token_hex(4)


class KeyField(models.CharField):
    """The immutable key by which a row is found again in files and addresses, whatever its code becomes."""

    def __init__(self, **options) -> None:
        options.setdefault("verbose_name", _("key"))
        options.setdefault("max_length", 40)
        options.setdefault("default", new_key)
        options.setdefault("editable", False)
        options.setdefault(
            "validators",
            [RegexValidator(r"\A[A-Za-z0-9._-]+\Z", _("A key has letters, digits, dots and hyphens only."))],
        )
        super().__init__(**options)

    def validate(self, value, model_instance) -> None:
        # Django asks neither validators nor `blank` of a field that no form shows.
        if not value:
            raise ValidationError(_("A key is never empty."))
        super().validate(value, model_instance)


class LinkField(models.URLField):
    """A link that people may follow: http or https and nothing else; the server never fetches it."""

    default_validators = [
        URLValidator(schemes=["http", "https"], message=_("A link begins with http:// or https:// and names a site."))
    ]

    def to_python(self, value):
        """The scheme in small letters: browsers take HTTPS:// too, and the database asks for the one spelling."""
        scheme, separator, rest = super().to_python(value or "").partition("://")
        return f"{scheme.lower()}{separator}{rest}" if separator else scheme

    def get_prep_value(self, value):
        return super().get_prep_value(self.to_python(value))

    def formfield(self, **options):
        return super().formfield(**{"assume_scheme": "https", **options})


class Versioned(models.Model):
    """A row that people edit in forms. `version` grows by one with every edit and is what an edit is checked against.

    `actors.actions.save_edit` does the checking; nothing else should save a form's row.
    """

    version = models.PositiveIntegerField(_("edit version"), default=1, editable=False)

    class Meta:
        abstract = True
