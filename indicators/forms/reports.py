"""Forms by which organisations report and assess, and by which the committee verifies."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django import forms
from django.utils import timezone
from django.utils.html import escape  # crispy prints help texts as they are
from django.utils.translation import gettext_lazy as _

from actors.forms import EditForm, OnceForm
from actors.models import User
from indicators.actions import add_evidence
from indicators.models import (
    ActivityReport,
    DataState,
    Evidence,
    EvidenceKind,
    Indicator,
    Judgement,
    Kind,
    ProgressReport,
    Report,
    ScaleStep,
    Visibility,
)

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
TEXT = forms.Textarea(attrs={"rows": 4})
OFFICIAL_DATA_STATES = [
    DataState.REPORTED,
    DataState.NO_DATA,
    DataState.NOT_YET_AVAILABLE,
    DataState.NOT_APPLICABLE,
]


class StepField(forms.ModelChoiceField):
    """A step of a scale, shown with the criteria by which one decides."""

    widget = forms.RadioSelect

    def label_from_instance(self, step: ScaleStep) -> str:
        return f"{step.label}: {step.criteria}" if step.criteria else step.label


class EvidenceFields(forms.Form):
    """One link to evidence, filled in with the report; more can be added on the report's page."""

    evidence_url = forms.URLField(
        label=_("Link to evidence"),
        required=False,
        max_length=500,
        assume_scheme="https",
        help_text=_("A page or document that shows it: a law in the gazette, a budget line, official statistics."),
    )
    evidence_title = forms.CharField(label=_("What the link shows"), required=False, max_length=300)
    evidence_kind = forms.ChoiceField(
        label=_("Kind of evidence"), required=False, choices=EvidenceKind, initial=EvidenceKind.OTHER
    )

    def clean(self) -> dict:
        data = super().clean()
        if data.get("evidence_url") and not data.get("evidence_title"):
            self.add_error("evidence_title", _("Say what the link shows."))
        if data.get("evidence_title") and not data.get("evidence_url") and "evidence_url" not in self.errors:
            self.add_error("evidence_url", _("Enter the link, or leave its title empty."))
        return data

    def save_evidence(self, report: ProgressReport, *, by: User) -> None:
        """Store the link with `report`, unless it is there already."""
        url = self.cleaned_data.get("evidence_url")
        if url and not report.evidence.filter(url=url).exists():
            evidence = Evidence(
                report=report,
                url=url,
                title=self.cleaned_data["evidence_title"],
                kind=self.cleaned_data["evidence_kind"] or EvidenceKind.OTHER,
                visibility=Visibility.RESTRICTED if report.indicator.is_sensitive else Visibility.PUBLIC,
            )
            add_evidence(evidence=evidence, by=by)


class ProgressReportForm(EvidenceFields, EditForm):
    """What is known of an indicator in a period. The fields follow from the indicator's kind."""

    checks_constraints = False

    class Meta:
        model = ProgressReport
        fields = [
            "data_state",
            "value",
            "step",
            "numerator",
            "denominator",
            "expected_on",
            "reference_from",
            "reference_to",
            "narrative",
            "challenges",
            "next_steps",
        ]
        widgets = {
            "data_state": forms.RadioSelect,
            "expected_on": DAY,
            "reference_from": DAY,
            "reference_to": DAY,
            "narrative": TEXT,
            "challenges": forms.Textarea(attrs={"rows": 3}),
            "next_steps": forms.Textarea(attrs={"rows": 3}),
        }
        help_texts = {
            "expected_on": _("Only where the data are not yet available."),
            "reference_from": _("If the value was measured in another time than the reporting period."),
            "narrative": _("What was reached, and how one knows. Where there is no value: why."),
        }

    field_order = [
        "data_state",
        "judgement",
        "value",
        "step",
        "numerator",
        "denominator",
        "expected_on",
        "narrative",
        "challenges",
        "next_steps",
        "reference_from",
        "reference_to",
        "evidence_url",
        "evidence_title",
        "evidence_kind",
    ]
    data_states = OFFICIAL_DATA_STATES

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["data_state"].choices = [(state.value, state.label) for state in self.data_states]
        self._fit_to(self.instance.indicator)

    def _fit_to(self, indicator: Indicator) -> None:
        if indicator.kind != Kind.PERCENTAGE:
            del self.fields["numerator"], self.fields["denominator"]
        if indicator.kind == Kind.SCALE:
            del self.fields["value"]
            self.fields["step"] = StepField(
                label=_("Step reached"),
                queryset=ScaleStep.objects.filter(scale=indicator.scale_id),
                required=False,
                empty_label=None,
                help_text=_("Choose the highest step of which every criterion is met."),
            )
        else:
            del self.fields["step"]
        if indicator.kind == Kind.YES_NO:
            self.fields["value"] = forms.TypedChoiceField(
                label=_("Value"),
                choices=[("1", _("Yes")), ("0", _("No"))],
                coerce=Decimal,
                empty_value=None,
                required=False,
                widget=forms.RadioSelect,
                help_text=escape(indicator.unit),
            )
            if self.instance.value is not None:
                self.initial["value"] = f"{self.instance.value:.0f}"
        elif indicator.kind == Kind.NUMBER:
            self.fields["value"].help_text = escape(indicator.unit)
        elif indicator.kind == Kind.PERCENTAGE:
            self.fields["value"].label = _("Percentage")
            self.fields["value"].help_text = _(
                "%(unit)s. Leave it empty where you give numerator and denominator: it follows from them."
            ) % {"unit": escape(indicator.unit)}
        for name in ("value", "numerator", "denominator"):
            if isinstance(self.fields.get(name), forms.DecimalField):
                self.fields[name].widget.attrs["inputmode"] = "decimal"
        self.order_fields([*self.field_order])

    def _earliest_reference(self) -> date:
        starts_on = self.instance.indicator.objective.plan.starts_on
        return date(starts_on.year - 10, 1, 1)

    def clean(self) -> dict:
        data = super().clean()
        numerator, denominator = data.get("numerator"), data.get("denominator")
        if (numerator is None) != (denominator is None):
            empty = "numerator" if numerator is None else "denominator"
            if empty not in self.errors:
                self.add_error(empty, _("Enter both numerator and denominator, or neither."))
        elif denominator is not None and denominator <= 0:
            self.add_error("denominator", _("The denominator is more than 0."))
        elif numerator is not None and denominator is not None:
            if numerator > denominator:
                self.add_error("numerator", _("The numerator is at most the denominator."))
            else:
                data["value"] = (numerator / denominator * 100).quantize(Decimal("0.0001"))
        if data.get("data_state") not in (None, DataState.REPORTED):
            for name in ("value", "step", "numerator", "denominator"):
                if name in self.fields:
                    data[name] = None
        start, end = data.get("reference_from"), data.get("reference_to")
        if start and end and end < start:
            self.add_error("reference_to", _("The time ends before it begins."))
        elif end and end > timezone.localdate():
            self.add_error("reference_to", _("This day is still to come: a value speaks of what has been."))
        elif end and end < self._earliest_reference():
            self.add_error("reference_to", _("This is more than ten years before the plan began. Check the year."))
        return data


class AssessmentForm(ProgressReportForm):
    """An organisation's own assessment: a value, or a judgement where it has none."""

    class Meta(ProgressReportForm.Meta):
        fields = [*ProgressReportForm.Meta.fields, "judgement"]
        fields.remove("expected_on")
        widgets = {**ProgressReportForm.Meta.widgets, "judgement": forms.RadioSelect}
        labels = {"judgement": _("Compared with the official report, we")}
        help_texts = {
            "reference_from": ProgressReportForm.Meta.help_texts["reference_from"],
            "narrative": _("What you found, and what it rests on."),
        }

    data_states = [DataState.REPORTED, DataState.JUDGEMENT]

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["judgement"].choices = [
            ("", _("say nothing")),
            (Judgement.AGREE, _("agree")),
            (Judgement.PARTLY, _("agree in part")),
            (Judgement.DISAGREE, _("disagree")),
            (Judgement.CANNOT_TELL, _("cannot tell")),
        ]
        self.fields["data_state"].choices = [
            (DataState.REPORTED.value, _("We have a value of our own")),
            (DataState.JUDGEMENT.value, _("We have no figure, but a judgement")),
        ]


class ActivityReportForm(EditForm):
    """How far an activity is."""

    checks_constraints = False

    class Meta:
        model = ActivityReport
        fields = ["progress", "what_was_done", "reason", "spent"]
        widgets = {"progress": forms.RadioSelect, "what_was_done": TEXT, "reason": TEXT}

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["progress"].choices = [choice for choice in self.fields["progress"].choices if choice[0]]
        self.fields["spent"].help_text = escape(self.instance.activity.objective.plan.currency)


class VerificationForm(EditForm):
    """The committee's decision on a submitted report."""

    checks_constraints = False
    VERIFY, RETURN = "verify", "return"
    decision = forms.ChoiceField(
        label=_("Decision"),
        choices=[(VERIFY, _("Verify: from now on it is fixed and public")), (RETURN, _("Return it, with the reason"))],
        widget=forms.RadioSelect,
    )
    field_order = ["decision", "verification_method", "data_quality", "return_reason"]

    class Meta:
        fields = ["verification_method", "data_quality", "return_reason"]
        widgets = {"return_reason": TEXT}
        help_texts = {"return_reason": _("Where you return it: what is missing, so that it can be put right.")}

    def clean(self) -> dict:
        data = super().clean()
        if data.get("decision") == self.VERIFY:
            for name in ("verification_method", "data_quality"):
                if not data.get(name):
                    self.add_error(name, _("Choose one: it is published with the report."))
        if data.get("decision") == self.RETURN and not (data.get("return_reason") or "").strip():
            self.add_error("return_reason", _("Say what is missing, so that it can be put right."))
        return data


class ProgressReportVerificationForm(VerificationForm):
    class Meta(VerificationForm.Meta):
        model = ProgressReport


class ActivityReportVerificationForm(VerificationForm):
    class Meta(VerificationForm.Meta):
        model = ActivityReport


def verification_form(report: Report) -> type[VerificationForm]:
    """The form for this kind of report."""
    return ProgressReportVerificationForm if isinstance(report, ProgressReport) else ActivityReportVerificationForm


class ReasonForm(OnceForm):
    """A reason that stands in public beside what it explains."""

    reason = forms.CharField(label=_("Reason"), widget=TEXT, max_length=8000)

    def __init__(self, *args, label: str | None = None, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        if label:
            self.fields["reason"].label = label


class EvidenceForm(OnceForm, forms.ModelForm):
    class Meta:
        model = Evidence
        fields = ["title", "url", "kind", "issuer", "issued_on", "visibility"]
        widgets = {"issued_on": DAY}
