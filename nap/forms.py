"""Forms of the pages that look across the plan."""

from __future__ import annotations

from collections.abc import Sequence

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from nap.gaps import PLAN_AS_A_WHOLE, Gap, GapGroup, GapKind, closers_of
from nap.gaps.kinds import Words

AUTOSUBMIT = {"class": "form-select", "data-autosubmit": ""}
NOTHING_HAS_IT = {"invalid_choice": _("Nothing is missing there, or it does not exist.")}


def _choice(label: Words) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label,  # type: ignore[arg-type]  # the stubs know one kind of lazy text only
        required=False,
        widget=forms.Select(attrs=AUTOSUBMIT),
        error_messages=NOTHING_HAS_IT,
    )


class GapFilterForm(forms.Form):
    """Which gaps to show. It offers what the gaps given have; its state is the address of the page."""

    group = _choice(_("Part"))
    kind = _choice(_("Kind"))
    objective = _choice(_("Objective"))
    area = _choice(_("Area"))
    actor = _choice(_("Who can close it"))
    mine = forms.BooleanField(
        label=_("Only what I can close"),
        required=False,
        widget=forms.CheckboxInput(attrs={"class": "form-check-input"}),
    )

    def __init__(self, data: QueryDict, *, gaps: Sequence[Gap], is_signed_in: bool) -> None:
        super().__init__(data, label_suffix="")
        self._words: dict[tuple[str, str], Words] = {}
        objectives = {gap.objective.pk: gap.objective for gap in gaps if gap.objective}
        in_order = sorted(objectives.values(), key=lambda objective: (objective.order, objective.code))
        areas = {one.area.pk: one.area for one in in_order if one.area}
        self._offer("group", _("All parts"), GapGroup.choices)
        kinds = [(part.label, [(k.value, k.label) for k in GapKind if k.group == part]) for part in GapGroup]
        self._offer("kind", _("All kinds"), kinds)
        whole = [(PLAN_AS_A_WHOLE, _("The plan as a whole"))] if any(gap.objective is None for gap in gaps) else []
        self._offer("objective", _("All objectives"), whole + [(one.key, str(one)) for one in in_order])
        in_order_of_areas = sorted(areas.values(), key=lambda area: (area.order, area.name))
        self._offer("area", _("All areas"), [(area.key, area.name) for area in in_order_of_areas])
        self._offer("actor", _("Anybody"), [(closer.key, closer.name) for closer, _number in closers_of(gaps)])
        if not areas:
            del self.fields["area"]
        if not is_signed_in:
            del self.fields["mine"]

    def _offer(self, name: str, everything: Words, choices: Sequence) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  # each of them is made by _choice
        field.choices = [("", everything), *choices]
        for value, words in choices:
            self._words |= {(name, key): text for key, text in (words if isinstance(words, list) else [(value, words)])}

    @property
    def criteria(self) -> dict[str, str]:
        """What was chosen, as `nap.gaps.filtered` takes it."""
        return {name: value for name, value in self.cleaned_data.items() if name != "mine"}

    @property
    def is_mine(self) -> bool:
        return self.cleaned_data.get("mine", False)

    @property
    def chosen(self) -> list[tuple[str, str]]:
        """Label and words of every filter that is set."""
        yes = _("yes")
        return [
            (str(self.fields[name].label), str(self._words.get((name, value), yes)))
            for name, value in self.cleaned_data.items()
            if value
        ]
