"""Forms by which coordinators say how an objective and an activity are measured."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal
from functools import cache

from crispy_forms.layout import Fieldset, Layout
from django import forms
from django.core.exceptions import ValidationError
from django.forms.formsets import BaseFormSet, formset_factory
from django.template.loader import render_to_string
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from actors.forms import DAY, ActorField, ListsForm
from actors.models import Actor
from indicators.models import Accumulation, Direction, Indicator, Kind, Scale, ScaleStep, Target, validate_value
from indicators.standings import shown
from objectives.forms import SHORT_TEXT, ItemsField, check_within
from objectives.models import Activity, Plan

YES_NO = [("", "---------"), ("1", _("Yes")), ("0", _("No"))]
FIGURES = (Kind.NUMBER, Kind.PERCENTAGE)
EMPTY_TARGETS = 3  # rows for new targets; more are added by saving and coming back


def _plain(number: Decimal | None) -> str | None:
    """A stored decimal as one types it: without the zeros that fill its places."""
    return None if number is None else f"{Decimal(number).normalize():f}"


def _amount_field(kind: str, **options) -> forms.Field:
    """The field for a value of an indicator of this kind."""
    if kind == Kind.YES_NO:
        return forms.TypedChoiceField(
            choices=YES_NO, coerce=Decimal, empty_value=None, widget=forms.Select, required=False, **options
        )
    field = forms.DecimalField(max_digits=15, decimal_places=4, required=False, **options)
    field.widget.attrs["inputmode"] = "decimal"
    return field


class TargetForm(forms.Form):
    """One target: a day, and the value or the step to be reached by it."""

    pk = forms.IntegerField(widget=forms.HiddenInput, required=False)
    due_on = forms.DateField(label=_("By"), widget=DAY, required=False)

    def __init__(self, *args, indicator: Indicator, steps, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.indicator = indicator
        if indicator.kind == Kind.SCALE:
            self.fields["step"] = forms.ModelChoiceField(label=_("Step"), queryset=steps, required=False)
        else:
            self.fields["value"] = _amount_field(indicator.kind, label=_("Value"))
        for field in self.fields.values():
            field.widget.attrs["class"] = "form-select" if isinstance(field.widget, forms.Select) else "form-control"

    @property
    def amount(self) -> forms.BoundField:
        """The value or the step, whichever this indicator has."""
        return self["step" if "step" in self.fields else "value"]

    def clean(self) -> dict:
        data = super().clean()
        check_within(self, self.indicator.objective.plan, ["due_on"])
        name, other = ("step", "value") if "step" in self.fields else ("value", "step")
        amount, day = data.get(name), data.get("due_on")
        if day and amount is None and name not in self.errors:
            self.add_error(name, _("Enter what is to be reached by this day."))
        if day is None and (amount is not None or data.get("pk")) and "due_on" not in self.errors:
            self.add_error("due_on", _("Enter the day of this target, or tick “Remove”."))
        if amount is not None:
            try:
                validate_value(self.indicator, **{name: amount, other: None})
            except ValidationError as error:
                self.add_error(None, error)
        return data


class BaseTargetForms(BaseFormSet):
    def add_fields(self, form: TargetForm, index: int | None) -> None:
        super().add_fields(form, index)
        if "DELETE" in form.fields:
            form.fields["DELETE"].widget.attrs["class"] = "form-check-input"

    def full_clean(self) -> None:
        super().full_clean()
        for row in self.forms if self.is_bound else ():
            for name in row.errors.keys() & row.fields.keys():
                row.fields[name].widget.attrs["class"] += " is-invalid"

    def clean(self) -> None:
        seen = set()
        for row in self.forms:
            data = getattr(row, "cleaned_data", {})
            day = data.get("due_on")
            if day and not data.get("DELETE"):
                if day in seen:
                    row.add_error("due_on", _("Another target has this day."))
                seen.add(day)


TargetForms = formset_factory(
    TargetForm,
    formset=BaseTargetForms,
    extra=EMPTY_TARGETS,
    can_delete=True,
    can_delete_extra=False,
    max_num=60,
    absolute_max=60,
)


class TargetRows:
    """Where the targets stand in the form's layout, so that the page of a conflict has them too."""

    def render(self, form: IndicatorForm, context, **options) -> str:
        return render_to_string("indicators/_indicator_edit_targets.html", {"formset": form.targets})


class IndicatorForm(ListsForm):
    """How an indicator is measured. The fields follow from its kind: `indicator_form` makes the class for each."""

    checks_constraints = False
    change_reason = forms.CharField(
        label=_("Why this is changed"),
        max_length=100,
        required=False,
        help_text=_("Needed where the weight, or a target of an active plan, changes. It stands in the history."),
    )

    class Meta:
        model = Indicator
        fields: list[str] = []
        field_classes = {"reporting_actor": ActorField}
        labels = {
            "title": _("Indicator, as the plan words it"),
            "level": _("Level"),
            "starts_from_zero": _("There is nothing yet: it starts from zero"),
            "is_headline": _("Headline indicator: it stands first where the plan is summed up"),
            "is_sensitive": _("Sensitive: places, dates and methods are not published"),
            "counts_children": _("It counts children: numbers below 10 are not published"),
        }
        help_texts = {
            "unit": _("What the number counts, such as “trained officers”; of a yes or no, the question."),
            "direction": _("A context indicator is shown and explained, but not scored."),
            "low": _("Only where it should stay within a range."),
            "high": _("Only where it should stay within a range."),
            "accumulation": _("How the value of a period comes from what is reported."),
            "minimum_change": _("A smaller change counts as none."),
            "no_baseline_reason": _("Only where none is known and it does not start from zero."),
            "means_of_verification": _("What shows that a reported value is true: registers, gazettes, surveys."),
            "reporting_actor": _("The organisation whose focal points report the value."),
            "weight": _("How much it counts among the indicators of its objective. 1 is usual."),
        }
        widgets = {
            "title": SHORT_TEXT,
            "measured_as": SHORT_TEXT,
            "means_of_verification": SHORT_TEXT,
            "kind": forms.HiddenInput,
            "scale": forms.HiddenInput,
            "baseline_on": DAY,
        }

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        plan = self.instance.objective.plan
        if self.instance.pk is None:
            del self.fields["change_reason"]
        self.fields["scale"].queryset = Scale.objects.of(plan)
        self._offer_actors(plan)
        self._fit_to_kind(plan)
        measure = Indicator(kind=self.kind, scale_id=self._scale_id(), objective=self.instance.objective)
        self.targets = TargetForms(
            self.data if self.is_bound else None,
            prefix="targets",
            initial=[self._target_initial(target) for target in self._stored_targets()],
            form_kwargs={"indicator": measure, "steps": self._steps(plan)},
        )
        self.helper.layout = self._layout()

    kind: str = Kind.NUMBER

    def _scale_id(self) -> int | None:
        chosen = self.data.get("scale") if self.is_bound else self.instance.scale_id
        is_id = str(chosen).isdecimal() and len(str(chosen)) < 19  # a longer one no database holds
        return int(chosen) if self.kind == Kind.SCALE and is_id else None

    def _steps(self, plan: Plan):
        return ScaleStep.objects.of(plan).filter(scale=self._scale_id())

    def _offer_actors(self, plan: Plan) -> None:
        actors = Actor.objects.filter(country=plan.country_id)
        current = actors.current() | actors.filter(pk=self.instance.reporting_actor_id)
        self.fields["reporting_actor"].queryset = current.adult().order_by("name")

    def _fit_to_kind(self, plan: Plan) -> None:
        for name in ("low", "high", "minimum_change", "weight", "baseline_value"):
            if name in self.fields:
                self.initial[name] = _plain(getattr(self.instance, name))
                self.fields[name].widget.attrs["inputmode"] = "decimal"
        if self.kind == Kind.YES_NO:
            self.fields["baseline_value"] = _amount_field(self.kind, label=_("Baseline"))
        if self.kind == Kind.SCALE:
            self.fields["baseline_step"].queryset = self._steps(plan)
        if self.kind not in FIGURES and self.instance.direction != Direction.MAINTAIN:
            choices = self.fields["direction"].choices
            self.fields["direction"].choices = [one for one in choices if one[0] != Direction.MAINTAIN]

    def _layout(self) -> Layout:
        fields = self._meta.fields
        at = {name: fields.index(name) for name in ("direction", "means_of_verification")}
        baseline = next(place for place, name in enumerate(fields) if name.startswith("baseline"))
        reason = [name for name in ("change_reason",) if name in self.fields]
        return Layout(
            "form_token",
            "version",
            *fields[:2],  # kind and scale, hidden
            Fieldset(_("What it says"), *fields[2 : at["direction"]]),
            Fieldset(_("What counts as better"), *fields[at["direction"] : baseline]),
            Fieldset(_("Baseline"), *fields[baseline : at["means_of_verification"]]),
            TargetRows(),
            Fieldset(_("Who reports, when, and from what"), *fields[at["means_of_verification"] :], *reason),
        )

    def clean_code(self) -> str:
        code = self.cleaned_data["code"]
        siblings = Indicator.objects.filter(objective=self.instance.objective_id, code=code)
        if siblings.exclude(pk=self.instance.pk).exists():
            raise ValidationError(_("The objective has an indicator with this code already."))
        return code

    def clean(self) -> dict:
        data = super().clean()
        if data.get("kind") == Kind.SCALE and data.get("scale") is None:
            self.add_error("scale", _("Choose the scale above."))
        if not self.targets.is_valid():
            self.add_error(None, _("The targets need a correction."))
        self._clean_range(data)
        self._clean_baseline(data)
        self._forget_what_does_not_fit(data)
        return data

    def _clean_range(self, data: dict) -> None:
        if "low" not in self.fields:
            return
        if data.get("direction") != Direction.MAINTAIN:
            data["low"] = data["high"] = None
            return
        low, high = data.get("low"), data.get("high")
        if low is not None and high is not None and low > high:
            self.instance.low, self.instance.high = low, high  # the model would find the refused one missing too
            self.add_error("high", _("The highest value wanted is below the lowest."))

    def _clean_baseline(self, data: dict) -> None:
        name = "baseline_step" if self.kind == Kind.SCALE else "baseline_value"
        known = data.get(name) is not None
        if data.get("starts_from_zero") and known:
            self.add_error("starts_from_zero", _("Enter a baseline or tick this, not both."))
        if data.get("no_baseline_reason") and (known or data.get("starts_from_zero")):
            self.add_error("no_baseline_reason", _("There is a baseline, so leave this empty."))

    def _forget_what_does_not_fit(self, data: dict) -> None:
        """What another kind had, and this one has no field for, is taken out of the row."""
        row = self.instance
        if self.kind != Kind.SCALE:
            data["scale"] = row.baseline_step = None
        else:
            row.baseline_value = None
        if self.kind not in FIGURES:
            row.starts_from_zero, row.accumulation, row.minimum_change = False, Accumulation.POINT, Decimal(0)
            if data.get("direction") != Direction.MAINTAIN:
                row.low = row.high = None

    # --- targets ---

    def _stored_targets(self) -> list[Target]:
        if self.instance.pk is None:
            return []
        return list(Target.objects.filter(indicator=self.instance.pk).select_related("step"))

    def _target_initial(self, target: Target) -> dict:
        step = target.step_id if target.step and target.step.scale_id == self._scale_id() else None
        fits = self.kind != Kind.SCALE and target.value is not None
        return {"pk": target.pk, "due_on": target.due_on, "step": step, "value": _plain(target.value) if fits else None}

    @property
    def target_changes(self) -> tuple[list[Target], list[Target]]:
        """The new and changed targets, and the removed ones."""
        stored = {target.pk: target for target in self._stored_targets()}
        claimed = {row.cleaned_data.get("pk") for row in self.targets.forms}
        by_day = {target.due_on: target for pk, target in stored.items() if pk not in claimed}
        changed, removed = [], []
        for row in self.targets.forms:
            data = row.cleaned_data
            if data.get("DELETE"):
                removed += [stored[data["pk"]]] if data.get("pk") in stored else []
            elif data.get("due_on"):
                target = stored.get(data.get("pk")) or by_day.get(data["due_on"]) or Target(indicator=self.instance)
                wanted = (data["due_on"], data.get("value"), data.get("step"))
                if (target.due_on, target.value, target.step) != wanted:
                    target.due_on, target.value, target.step = wanted
                    changed.append(target)
        return changed, removed

    def differences(self, current: Indicator) -> list[tuple[str, str, str]]:
        found = super().differences(current)
        rows = [row.cleaned_data for row in self.targets.forms if row.cleaned_data.get("due_on")]
        typed = [
            _target_text(self.instance, data["due_on"], data.get("value"), data.get("step"))
            for data in sorted(rows, key=lambda data: data["due_on"])
            if not data.get("DELETE")
        ]
        stored = [
            _target_text(current, one.due_on, one.value, one.step)
            for one in current.targets.select_related("step").order_by("due_on")
        ]
        if typed != stored:
            found.append(
                (str(_("Targets")), "\n".join(typed) or str(_("(empty)")), "\n".join(stored) or str(_("(empty)")))
            )
        return found


def _target_text(indicator: Indicator, due_on, value: Decimal | None, step: ScaleStep | None) -> str:
    return f"{date_format(due_on)}: {shown(indicator, value, step)}"


@cache
def indicator_form(kind: str) -> type[IndicatorForm]:
    """The form for an indicator of this kind."""
    figures = kind in FIGURES
    fields = ["kind", "scale", "code", "title", "measured_as", "level"]
    fields += [] if kind == Kind.SCALE else ["unit"]
    fields += ["direction"]
    fields += ["low", "high", "accumulation", "minimum_change"] if figures else []
    fields += ["baseline_step" if kind == Kind.SCALE else "baseline_value", "baseline_on"]
    fields += ["starts_from_zero"] if figures else []
    fields += ["no_baseline_reason", "means_of_verification", "data_source", "frequency", "reporting_actor"]
    fields += ["is_headline", "is_sensitive"] + (["counts_children"] if figures else []) + ["weight"]
    form = forms.modelform_factory(Indicator, form=IndicatorForm, fields=fields)
    form.kind = kind
    return form


class ActivityIndicatorsForm(ListsForm):
    """Which of the plan's indicators measure an activity."""

    indicators = ItemsField(label=_("Indicators"), queryset=Indicator.objects.none(), required=False)
    checks_constraints = False

    class Meta:
        model = Activity
        fields: list[str] = []

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        activity = self.instance
        choices = Indicator.objects.of(activity.objective.plan).select_related("objective")
        self.fields["indicators"].queryset = choices
        self.fields["indicators"].offer(list(choices), {activity.objective_id})
        self.initial["indicators"] = [indicator.pk for indicator in activity.indicators.all()]

    def stored_lists(self, current: Activity) -> dict[str, Collection]:
        return {"indicators": current.indicators.all()}
