"""The base of every form that changes something: it knows its row's version and counts once. And the forms of
actors and people."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Layout
from django import forms
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from actors.models import Actor, Country, Membership, Role, validate_membership

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


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
        for name in (name for name in self._meta.fields if name in self.fields):
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


@dataclass(frozen=True, slots=True)
class TickGroup:
    """Choices that stand together: `options` as Django's widget gives them, `ticked` the labels of the chosen ones."""

    label: str
    options: list[dict]
    ticked: list[str]
    is_open: bool


class TickList:
    """Where the check boxes of a field stand in a form's layout: groups, and long lists, unfold."""

    longest = 15  # choices that are shown at once

    def __init__(self, name: str) -> None:
        self.name = name

    def render(self, form: forms.Form, context, **options) -> str:
        field = form[self.name]
        shown = {"field": field, "groups": self._groups(field)}
        return render_to_string("actors/_tick_list.html", shown)

    def _groups(self, field: forms.BoundField) -> list[TickGroup]:
        context = field.field.widget.get_context(field.html_name, field.value(), {"id": field.auto_id})
        unfolded = getattr(field.field, "unfolded", ())
        groups = []
        for label, options, _index in context["widget"]["optgroups"]:
            ticked = [str(option["label"]) for option in options if option["selected"]]
            groups.append(TickGroup(label or "", options, ticked, bool(ticked) or label in unfolded))
        if any(not group.label for group in groups):  # Django makes a group of each choice that is in none
            options = [option for group in groups for option in group.options]
            ticked = [label for group in groups for label in group.ticked]
            groups = [TickGroup("", options, ticked, len(options) <= self.longest)]
        return groups


def layout_of(form: forms.Form) -> Layout:
    """All fields of `form` in their order, with check boxes that unfold."""
    several = (forms.ModelMultipleChoiceField, forms.MultipleChoiceField)
    return Layout(*(TickList(name) if isinstance(field, several) else name for name, field in form.fields.items()))


class ListsForm(EditForm):
    """An edit form in which some fields hold rows that are stored elsewhere: `stored_lists` says which and what."""

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.helper.layout = layout_of(self)

    def stored_lists(self, current) -> dict[str, Collection]:
        """For each such field, the rows that it would hold if the form were opened on `current` now."""
        return {}

    def differences(self, current) -> list[tuple[str, str, str]]:
        found = super().differences(current)
        for name, stored in self.stored_lists(current).items():
            typed = self.cleaned_data.get(name) or ()
            rows = [typed] if hasattr(typed, "pk") else list(typed)
            if {row.pk for row in rows} != {row.pk for row in stored}:
                found.append((str(self.fields[name].label), _lines(rows), _lines(stored)))
        return found


def _lines(rows: Iterable) -> str:
    return "\n".join(str(row) for row in rows) or str(_("(empty)"))


class ActorField(forms.ModelChoiceField):
    """An actor of a country; one that has ended says so, where it is still chosen."""

    def label_from_instance(self, actor: Actor) -> str:
        return actor_label(actor)


class RowsField(forms.ModelMultipleChoiceField):
    """Several rows of a table, by their ids."""

    def _check_values(self, value):
        try:
            return super()._check_values(value)
        except OverflowError as overflow:  # an id that SQLite cannot hold is nobody's
            raise ValidationError(
                self.error_messages["invalid_choice"], code="invalid_choice", params={"value": "…"}
            ) from overflow


class ActorsField(RowsField):
    """Several actors, ticked."""

    widget = forms.CheckboxSelectMultiple

    def label_from_instance(self, actor: Actor) -> str:
        return actor_label(actor)


def actor_label(actor: Actor) -> str:
    """The name by which an actor stands in a choice."""
    name = f"{actor.name} ({actor.acronym})" if actor.acronym else actor.name
    if actor.ended_on and actor.ended_on < timezone.localdate():
        return str(_("%(name)s, which has ended")) % {"name": name}
    return name


class ActorForm(ListsForm):
    """A new actor of a country. `ActorEditForm` is the one for an actor that is there."""

    stands_for = ActorsField(
        label=_("Plays the part of"),
        queryset=Actor.objects.none(),
        required=False,
        help_text=_("The actors that the model plan names. One organisation may play the part of several."),
    )
    checks_constraints = False

    class Meta:
        model = Actor
        fields = ["kind", "name", "acronym", "parent"]
        field_classes = {"parent": ActorField, "succeeded_by": ActorField}
        widgets = {"ended_on": DAY}
        help_texts = {
            "kind": _("It stays as it is: whether an organisation assesses independently follows from it."),
            "parent": _("The organisation above it, such as the ministry of a department."),
            "ended_on": _("Its last day, where it was dissolved or merged. What it reported stays."),
            "succeeded_by": _("Who carries on its work from then on."),
        }

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        actor = self.instance
        siblings = Actor.objects.filter(country=actor.country_id).exclude(pk=actor.pk)
        for name in ("parent", "succeeded_by"):
            if name in self.fields:
                still_there = siblings.current() | siblings.filter(pk=getattr(actor, f"{name}_id"))
                self.fields[name].queryset = still_there.order_by("name")
        self.fields["stands_for"].queryset = Actor.objects.generic().order_by("name")
        if actor.pk:
            self.initial["stands_for"] = [one.pk for one in actor.stands_for.all()]

    def clean_name(self) -> str:
        name = self.cleaned_data["name"]
        others = Actor.objects.filter(country=self.instance.country_id, name__iexact=name)
        if others.exclude(pk=self.instance.pk).exists():
            raise ValidationError(_("The country has an actor of this name already."))
        return name

    def stored_lists(self, current: Actor) -> dict[str, Collection]:
        return {"stands_for": current.stands_for.all()}


class ActorEditForm(ActorForm):
    """An actor that is there: its kind is fixed, and it may end."""

    class Meta(ActorForm.Meta):
        fields = ["name", "acronym", "parent", "ended_on", "succeeded_by"]

    def clean(self) -> dict:
        data = super().clean()
        if data.get("succeeded_by") and not data.get("ended_on") and "ended_on" not in self.errors:
            self.add_error("ended_on", _("Enter the last day of an organisation that another one succeeds."))
        return data


class StandInForm(OnceForm):
    """Which of the country's actors plays the part of an actor of the model."""

    actor = ActorField(label=_("Organisation"), queryset=Actor.objects.none())

    def __init__(self, *args, country: Country, generic: Actor, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        free = Actor.objects.filter(country=country).current().exclude(stands_for=generic)
        self.fields["actor"].queryset = free.order_by("name")


class MembershipForm(OnceForm):
    """A role for a person, who may or may not have an account: the form does not tell which."""

    email = forms.EmailField(label=_("E-mail address"), max_length=254)
    name = forms.CharField(
        label=_("Name"),
        max_length=200,
        help_text=_("As colleagues know them. A person who has an account keeps the name that stands there."),
    )
    actor = ActorField(label=_("Organisation"), queryset=Actor.objects.none())
    role = forms.ChoiceField(label=_("Role"), choices=[("", "---------"), *Role.choices])
    starts_on = forms.DateField(label=_("From"), widget=DAY, initial=timezone.localdate)

    def __init__(self, *args, actors: Iterable[Actor], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["actor"].queryset = Actor.objects.filter(pk__in=[actor.pk for actor in actors]).order_by("name")
        self.fields["email"].widget.attrs["autocomplete"] = "off"

    def clean_email(self) -> str:
        return self.cleaned_data["email"].lower()

    def clean(self) -> dict:
        data = super().clean()
        if data.get("actor") and data.get("role"):
            try:
                validate_membership(data["actor"], data["role"])
            except ValidationError as error:
                self.add_error(None, error)
        return data


class MembershipEndForm(EditForm):
    """When a membership ends."""

    NOW, LATER = "now", "later"
    when = forms.ChoiceField(
        label=_("Access ends"),
        choices=[(NOW, _("Now, with the next page that they open")), (LATER, _("After a last day"))],
        widget=forms.RadioSelect,
        initial=NOW,
    )
    field_order = ["when", "ends_on"]
    checks_constraints = False

    class Meta:
        model = Membership
        fields = ["ends_on"]
        labels = {"ends_on": _("Last day")}
        help_texts = {"ends_on": _("Only where access ends later. They keep it for the whole of this day.")}
        widgets = {"ends_on": DAY}

    def clean(self) -> dict:
        data = super().clean()
        if data.get("when") == self.LATER and "ends_on" not in self.errors:
            if data.get("ends_on") is None:
                self.add_error("ends_on", _("Enter the last day, or choose “Now”."))
            elif data["ends_on"] < timezone.localdate():
                self.add_error("ends_on", _("This day has passed. Choose “Now” to end access at once."))
        return data

    @property
    def last_day(self) -> date:
        """The last day of access; yesterday, where it ends now."""
        if self.cleaned_data["when"] == self.LATER:
            return self.cleaned_data["ends_on"]
        return timezone.localdate() - timedelta(days=1)
