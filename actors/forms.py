"""The base of every form that changes something: it knows its row's version and counts once."""

from __future__ import annotations

import uuid

from crispy_forms.helper import FormHelper
from django import forms
from django.utils.translation import gettext_lazy as _


class OnceForm(forms.Form):
    """A form with a one-time token, so that a double click does not do its work twice (`actors.actions.write_once`)."""

    form_token = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["form_token"].initial = uuid.uuid4()
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.disable_csrf = True  # the page owns the form tag and the token in it


class EditForm(OnceForm, forms.ModelForm):
    """A form on a stored row: it carries the version at which it was opened (`actors.actions.save_edit`)."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    # Whether to ask the database about each named constraint before saving. Where an action checks what a person can
    # get wrong, that is a dozen statements for nothing.
    checks_constraints = True

    def validate_constraints(self) -> None:
        if self.checks_constraints:
            super().validate_constraints()

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["version"].initial = self.instance.version if self.instance.pk else 0

    def reopened_at(self, version: int) -> EditForm:
        """The same form with what was typed, to be sent again knowing that the row now stands at `version`."""
        data = self.data.copy()
        data[self.add_prefix("version")] = str(version)
        data[self.add_prefix("form_token")] = str(uuid.uuid4())
        again = type(self)(**{**self.arguments_again(), "data": data, "instance": self.instance})
        again.is_valid()
        return again

    def arguments_again(self) -> dict:
        """What the form was built with, beside its data and its row; forms that take more override this."""
        return {}

    def differences(self, current) -> list[tuple[str, str, str]]:
        """Label, what was typed, and what is stored now, for each field in which they differ."""
        stored = forms.model_to_dict(current, fields=self._meta.fields)
        found = []
        for name in self._meta.fields:
            typed = self.cleaned_data.get(name)
            if hasattr(typed, "pk"):
                typed = typed.pk
            if typed != stored.get(name):
                field = self.fields[name]
                found.append((str(field.label), _readable(field, typed), _readable(field, stored.get(name))))
        return found


def _readable(field: forms.Field, value) -> str:
    if value in (None, ""):
        return str(_("(empty)"))
    if isinstance(field, forms.ModelChoiceField):
        row = field.queryset.filter(pk=value).first()
        return str(row) if row else str(value)
    if isinstance(field, forms.ChoiceField):
        return str(dict(field.flatchoices if hasattr(field, "flatchoices") else field.choices).get(value, value))
    return str(value)
