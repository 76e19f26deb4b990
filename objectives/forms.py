"""Forms by which coordinators edit a plan."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from django import forms
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from actors.forms import DAY, ActorField, ActorsField, EditForm, ListsForm, RowsField, layout_of
from actors.models import Actor
from objectives.actions import Decision
from objectives.models import (
    Activity,
    CoverageManner,
    Milestone,
    Objective,
    ObjectiveCoverage,
    OmissionBase,
    OmissionKind,
    Plan,
    PlanPart,
    ResponsibilityRole,
)

SHORT_TEXT = forms.Textarea(attrs={"rows": 3})


def check_within(form: forms.Form, plan: Plan, names: Collection[str]) -> None:
    """Refuse a day outside the plan's time at each of the fields `names`, unless it was stored like that before."""
    for name in names:
        day = form.cleaned_data.get(name)
        if day and name in form.changed_data and not _is_within(plan, day):
            message = _("The plan runs from %(start)s to %(end)s: choose a day in this time.")
            form.add_error(
                name, message % {"start": date_format(plan.starts_on), "end": date_format(plan.ends_on)}
            )  # national plans have both days: plan_national_has_dates


def _is_within(plan: Plan, day: date) -> bool:
    return plan.starts_on <= day <= plan.ends_on


class ReadinessForm(EditForm):
    """The three steps that come before a plan, each with the day on which it was done and a link to its result."""

    checks_constraints = False

    class Meta:
        model = Plan
        fields = [
            "situation_analysis_on",
            "situation_analysis_url",
            "legal_review_on",
            "legal_review_url",
            "consultation_on",
            "consultation_url",
        ]
        labels = {
            "situation_analysis_on": _("Situation analysis: done on"),
            "situation_analysis_url": _("Link to the situation analysis"),
            "legal_review_on": _("Legal review: done on"),
            "legal_review_url": _("Link to the legal review"),
            "consultation_on": _("Consultation: done on"),
            "consultation_url": _("Link to the record of the consultation"),
        }
        help_texts = {
            "situation_analysis_on": _("What is known of sexual exploitation of children in the country."),
            "legal_review_on": _("How the laws compare with what the country has ratified."),
            "consultation_on": _("With ministries, civil society and children and young people themselves."),
        }
        widgets = {"situation_analysis_on": DAY, "legal_review_on": DAY, "consultation_on": DAY}

    def clean(self) -> dict:
        data = super().clean()
        for step in ("situation_analysis", "legal_review", "consultation"):
            day = f"{step}_on"
            if day in self.errors:
                continue
            if data.get(f"{step}_url") and not data.get(day):
                self.add_error(day, _("Enter the day on which it was done, or leave its link empty."))
            elif data.get(day) and data[day] > timezone.localdate():
                self.add_error(day, _("This day is still to come. Enter it once the step is done."))
        return data


class ActivityForm(ListsForm):
    """What an activity is, when it runs and who does it; and one more milestone where it is wanted."""

    checks_constraints = False
    lead = ActorField(
        label=_("Lead"),
        queryset=Actor.objects.none(),
        required=False,
        help_text=_("The one organisation that answers for it. A lead before it stays as a contributor."),
    )
    co_leads = ActorsField(label=_("Co-leads"), queryset=Actor.objects.none(), required=False)
    contributors = ActorsField(label=_("Contributors"), queryset=Actor.objects.none(), required=False)
    milestone_title = forms.CharField(
        label=_("New milestone"),
        max_length=300,
        required=False,
        help_text=_("A step on the way with a day of its own. Leave it empty where you add none."),
    )
    milestone_due_on = forms.DateField(label=_("New milestone: due on"), required=False, widget=DAY)

    class Meta:
        model = Activity
        fields = ["title", "starts_on", "ends_on"]
        widgets = {"title": SHORT_TEXT, "starts_on": DAY, "ends_on": DAY}

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        activity = self.instance
        everybody = Actor.objects.filter(country=activity.owning_plan.country_id)
        # Who has ended is kept where it stands: leaving it out of the choices would drop it unseen.
        involved = everybody.filter(responsibilities__activity=activity)
        choices = (everybody.current() | everybody.filter(pk__in=involved)).order_by("name")
        self.fields["lead"].queryset = self.fields["co_leads"].queryset = choices.adult()
        self.fields["contributors"].queryset = choices
        stored = self.stored_lists(activity)
        self.initial |= {name: [actor.pk for actor in actors] for name, actors in stored.items()}
        self.initial["lead"] = next(iter(self.initial["lead"]), None)

    def stored_lists(self, current: Activity) -> dict[str, Collection]:
        rows = list(current.responsibilities.select_related("actor"))
        roles = {
            "lead": ResponsibilityRole.LEAD,
            "co_leads": ResponsibilityRole.CO_LEAD,
            "contributors": ResponsibilityRole.CONTRIBUTOR,
        }
        return {name: [row.actor for row in rows if row.role == role] for name, role in roles.items()}

    def clean(self) -> dict:
        data = super().clean()
        check_within(self, self.instance.owning_plan, ["starts_on", "ends_on", "milestone_due_on"])
        start, end = data.get("starts_on"), data.get("ends_on")
        if start and end and end < start:
            self.add_error("ends_on", _("The activity ends before it begins."))
        title, due_on = data.get("milestone_title"), data.get("milestone_due_on")
        if title and not due_on and "milestone_due_on" not in self.errors:
            self.add_error("milestone_due_on", _("Enter the day by which the milestone is to be reached."))
        if due_on and not title and "milestone_title" not in self.errors:
            self.add_error("milestone_title", _("Say what is to be reached on this day."))
        return data

    @property
    def milestone(self) -> Milestone | None:
        """The milestone to be added, not stored yet."""
        if not self.cleaned_data["milestone_title"]:
            return None
        data = self.cleaned_data
        return Milestone(activity=self.instance, title=data["milestone_title"], due_on=data["milestone_due_on"])


class MilestoneForm(EditForm):
    """A milestone: what, by when, and since when it is done."""

    checks_constraints = False

    class Meta:
        model = Milestone
        fields = ["title", "due_on", "done_on"]
        widgets = {"due_on": DAY, "done_on": DAY}
        help_texts = {"done_on": _("Leave it empty until it is done.")}

    def clean(self) -> dict:
        data = super().clean()
        check_within(self, self.instance.owning_plan, ["due_on"])
        if data.get("done_on") and data["done_on"] > timezone.localdate():
            self.add_error("done_on", _("This day is still to come. Enter it once the milestone is reached."))
        return data


class ItemsField(RowsField):
    """Items of a plan, ticked; under their objectives where they have one. `nearest` objectives come first."""

    widget = forms.CheckboxSelectMultiple
    unfolded: frozenset[str] = frozenset()

    def offer(self, items: Collection[PlanPart], nearest: Collection[int] = ()) -> None:
        """Show these items, in this order."""
        if not items or isinstance(next(iter(items)), Objective):
            self.choices = [(item.pk, str(item)) for item in items]
            return
        groups: dict[Objective, list[tuple[int, str]]] = {}
        for item in items:
            groups.setdefault(item.objective, []).append((item.pk, str(item)))
        first = [objective for objective in groups if objective.pk in nearest]
        self.unfolded = frozenset(str(objective) for objective in first)
        rest = [objective for objective in groups if objective.pk not in nearest]
        self.choices = [(str(objective), groups[objective]) for objective in (*first, *rest)]


class CoverageForm(EditForm):
    """The decision on one item of the model: which items of the plan take it up, or why none does."""

    COVERED = "covered"
    decision = forms.ChoiceField(
        label=_("Decision"),
        choices=[
            (COVERED, _("The plan takes it up")),
            (OmissionKind.ELSEWHERE.value, _("It is taken up outside this plan")),
            (OmissionKind.LEFT_OUT.value, _("It is left out")),
        ],
        widget=forms.RadioSelect,
    )
    items = ItemsField(label=_("Where the plan takes it up"), queryset=Plan.objects.none(), required=False)
    manner = forms.ChoiceField(
        label=_("How the plan takes it up"),
        choices=CoverageManner,
        widget=forms.RadioSelect,
        initial=CoverageManner.ADAPTED,
        required=False,
    )
    reason = forms.CharField(
        label=_("Reason"),
        widget=SHORT_TEXT,
        max_length=8000,
        required=False,
        help_text=_("Where the plan does not take it up. It is public with the plan."),
    )
    programme = forms.CharField(
        label=OmissionBase._meta.get_field("programme").verbose_name.capitalize(),
        max_length=300,
        required=False,
        help_text=_("Where it is taken up outside this plan."),
    )
    url = OmissionBase._meta.get_field("url").formfield(label=_("Link to the programme"))
    field_order = ["decision", "reason", "programme", "url", "manner", "items"]

    class Meta:
        model = Plan  # the plan decides; `version` is that of its decision on this one item
        fields: list[str] = []

    checks_constraints = False

    def __init__(self, *args, decided: Decision, **kwargs) -> None:
        super().__init__(*args, instance=kwargs.pop("instance", decided.plan), **kwargs)
        self.decided = decided
        self.fields["version"].initial = decided.version
        self.initial |= self._filled(decided)
        items = decided.tables.items._default_manager.of(decided.plan)
        if decided.tables.items is not Objective:
            items = items.select_related("objective")
        self.fields["items"].queryset = items
        self.fields["items"].offer(list(items), self._nearest())
        self.helper.layout = layout_of(self)

    def arguments_again(self) -> dict:
        return {"decided": self.decided}

    def _nearest(self) -> set[int]:
        """The plan's objectives that take up the objective of the model around this item."""
        around = getattr(self.decided.model_item, "objective_id", None)
        taken_up = ObjectiveCoverage.objects.filter(item__plan=self.decided.plan, model_item=around)
        return set(taken_up.values_list("item", flat=True)) if around else set()

    @staticmethod
    def _filled(decided: Decision) -> dict:
        if decided.omission:
            row = decided.omission
            return {"decision": row.kind, "reason": row.reason, "programme": row.programme, "url": row.url}
        if decided.coverage:
            items = [row.item.pk for row in decided.coverage]
            return {"decision": CoverageForm.COVERED, "items": items, "manner": decided.coverage[0].manner}
        return {}

    def clean(self) -> dict:
        data = super().clean()
        decision = data.get("decision")
        if decision == self.COVERED:
            if not data.get("items") and "items" not in self.errors:
                self.add_error("items", _("Tick what takes it up, or choose another decision."))
            if not data.get("manner") and "manner" not in self.errors:
                self.add_error("manner", _("Say how the plan takes it up."))
        elif decision and not (data.get("reason") or "").strip() and "reason" not in self.errors:
            self.add_error("reason", _("Say why the plan does not take it up."))
        if decision == OmissionKind.ELSEWHERE and not data.get("programme") and "programme" not in self.errors:
            self.add_error("programme", _("Name the programme that takes it up."))
        return data

    @property
    def said(self) -> dict:
        """What the person decided, as the arguments of `decide_coverage`; what belongs to other decisions is left."""
        data = self.cleaned_data
        if data["decision"] == self.COVERED:
            return {"items": list(data["items"]), "manner": data["manner"]}
        said = {"kind": data["decision"], "reason": data["reason"]}
        if data["decision"] == OmissionKind.ELSEWHERE:
            said |= {"programme": data["programme"], "url": data["url"]}
        return said

    def differences(self, current: Decision) -> list[tuple[str, str, str]]:
        typed = self._filled_by(self.said)
        stored = {name: value for name, value in self._filled(current).items() if name != "items"}
        stored["items"] = "\n".join(str(row.item) for row in current.coverage)
        found = []
        for name in self.field_order:
            mine, theirs = str(typed.get(name, "")), str(stored.get(name, ""))
            if mine != theirs:
                words = dict(getattr(self.fields[name], "choices", ()) if name in ("decision", "manner") else ())
                empty = _("(empty)")
                found.append(
                    (
                        str(self.fields[name].label),
                        str(words.get(mine, mine) or empty),
                        str(words.get(theirs, theirs) or empty),
                    )
                )
        return found

    def _filled_by(self, said: dict) -> dict:
        filled = {name: value for name, value in said.items() if name not in ("items", "kind")}
        filled["decision"] = said.get("kind", self.COVERED)
        filled["items"] = "\n".join(str(item) for item in said.get("items", ()))
        return filled
