"""Where every indicator of a plan stands: the read model from which tables, dashboards and gaps are made.

Five queries, whatever the number of indicators and however long the history.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from actors.models import Actor
from indicators import scoring
from indicators.models import (
    Accumulation,
    Evidence,
    Indicator,
    Judgement,
    Kind,
    ProgressReport,
    ReportingPeriod,
    ReportState,
    ScaleStep,
    Stream,
    Target,
)
from objectives.models import Plan

_ACTOR_FIELDS = ("actor__key", "actor__name", "actor__acronym", "actor__kind")
HIDDEN_BELOW = 10  # counts of children from 1 to 9 are not shown outside the committee (docs/roles.md)


@dataclass(frozen=True, slots=True)
class ReportLine:
    """One report as lists and charts need it. `level` is what scoring works with: the value, or the step's score."""

    pk: int
    indicator_id: int
    stream: str
    state: str
    data_state: str
    period_id: int
    period_end: date
    revision: int
    actor_id: int
    value: Decimal | None
    step_id: int | None
    numerator: Decimal | None
    denominator: Decimal | None
    judgement: str
    reference_to: date | None
    submitted_at: datetime | None
    verified_at: datetime | None
    published_at: datetime | None
    returned_at: datetime | None
    has_evidence: bool
    level: Decimal | None = None

    @property
    def reference_on(self) -> date:
        return self.reference_to or self.period_end


@dataclass(frozen=True, slots=True)
class View:
    """What one assessor says of an indicator, in its latest published assessment, beside the official view."""

    actor: Actor
    report: ReportLine
    text: str
    differs: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one indicator stands today.

    `official` are the verified reports in force, oldest first; `waiting` those submitted and `returned` those sent
    back; `independent` all published assessments in force. `expected` are the periods at which it reports, with
    their due dates; `due` those whose due date has passed. `steps` are those of its scale, lowest first. `is_small`:
    the value counts so few children that neither it nor a share that gives it away is shown outside the committee.
    """

    indicator: Indicator
    measure: scoring.Measure
    assessment: scoring.Assessment
    official: tuple[ReportLine, ...]
    waiting: tuple[ReportLine, ...]
    returned: tuple[ReportLine, ...]
    independent: tuple[ReportLine, ...]
    views: tuple[View, ...]
    expected: tuple[scoring.Period, ...]
    targets: tuple[Target, ...]
    steps: tuple[ScaleStep, ...]
    value_text: str
    is_small: bool

    @property
    def status(self) -> scoring.Status:
        return self.assessment.status

    @property
    def views_differ(self) -> bool:
        return any(view.differs for view in self.views)

    @property
    def latest(self) -> ReportLine | None:
        """The latest verified report, whatever it says."""
        return self.official[-1] if self.official else None

    def due(self, today: date) -> tuple[scoring.Period, ...]:
        """The periods whose report should be here by now."""
        return tuple(period for period in self.expected if period.due_on < today)

    def unreported(self, today: date) -> tuple[scoring.Period, ...]:
        """Due periods for which nothing was submitted or verified."""
        here = {line.period_end for line in (*self.official, *self.waiting)}
        return tuple(period for period in self.due(today) if period.ends_on not in here)


def standings_of(plan: Plan, today: date, key: str | None = None) -> tuple[Standing, ...]:
    """The standing of every indicator of `plan` (or of the one with this key) on `today`, in the order of the plan."""
    indicators = Indicator.objects.of(plan).select_related("objective__area", "reporting_actor", "scale")
    if key is not None:
        indicators = indicators.filter(key=key)
    steps = {step.pk: step for step in ScaleStep.objects.of(plan)}
    targets: dict[int, list[Target]] = defaultdict(list)
    for target in Target.objects.filter(indicator__in=indicators).order_by("due_on"):
        targets[target.indicator_id].append(target)
    periods = list(ReportingPeriod.objects.of(plan).order_by("ends_on"))
    lines, actors = _report_lines(indicators, steps)
    return tuple(
        _standing(one, plan, today, steps, targets[one.pk], periods, lines[one.pk], actors) for one in indicators
    )


def measure_of(
    indicator: Indicator, plan: Plan, targets: Iterable[Target], steps: dict[int, ScaleStep]
) -> scoring.Measure:
    """What scoring needs to know of `indicator`; a scale's levels are the scores of its steps."""
    baseline = indicator.baseline_value
    lowest = None
    if indicator.kind == Kind.SCALE:
        scores = [step.score for step in steps.values() if step.scale_id == indicator.scale_id]
        lowest = min(scores, default=None)
        baseline = steps[indicator.baseline_step_id].score if indicator.baseline_step_id else None
    return scoring.Measure(
        kind=indicator.kind,
        direction=indicator.direction,
        accumulation=indicator.accumulation,
        starts_on=plan.starts_on or date.min,
        goals=tuple(
            scoring.Goal(target.due_on, steps[target.step_id].score if target.step_id else target.value or Decimal(0))
            for target in targets
        ),
        baseline=baseline,
        baseline_on=indicator.baseline_on,
        starts_from_zero=indicator.starts_from_zero,
        low=indicator.low,
        high=indicator.high,
        minimum_change=indicator.minimum_change,
        lowest_step=lowest,
        months=indicator.months,
    )


def expected_periods(
    indicator: Indicator, plan: Plan, periods: Sequence[ReportingPeriod]
) -> tuple[scoring.Period, ...]:
    """The periods at which `indicator` reports, by its frequency, with the days that their reports are due."""
    if plan.starts_on is None:
        return ()
    ends = set(scoring.expected_ends(indicator.months, plan.starts_on, [period.ends_on for period in periods]))
    return tuple(scoring.Period(period.ends_on, period.due_on) for period in periods if period.ends_on in ends)


def shown(indicator: Indicator, value: Decimal | None, step: ScaleStep | None) -> str:
    """The value as people read it: "62.5%", "Tabled", "Yes", "1,250"; empty where there is none."""
    if step is not None:
        return step.label
    if value is None:
        return ""
    if indicator.kind == Kind.YES_NO:
        return _("Yes") if value else _("No")
    if indicator.kind == Kind.PERCENTAGE:
        return percent_text(value)
    return number_text(value)


def percent_text(value: Decimal) -> str:
    """A percentage from 0 to 100 with one decimal at most: "30.8%"; numerator and denominator say it exactly."""
    return _("%(number)s%%") % {"number": number_text(value.quantize(Decimal("0.1"), rounding=ROUND_HALF_UP))}


def number_text(number: Decimal) -> str:
    """The number in the reader's locale, grouped, without trailing zeros."""
    return number_format(f"{number.normalize():f}", use_l10n=True, force_grouping=True)


def is_small_number(
    indicator: Indicator,
    value: Decimal | None,
    numerator: Decimal | None = None,
    denominator: Decimal | None = None,
) -> bool:
    """Whether what was reported counts so few children that it could point to them.

    Of a percentage the numerator counts, and what is left of the denominator: 3 of 400 are as few as 397 of 400.
    """
    if not indicator.counts_children:
        return False
    if indicator.kind == Kind.PERCENTAGE:
        others = None if numerator is None or denominator is None else denominator - numerator
        return any(_is_few(count) for count in (numerator, others))
    return _is_few(value)


def hidden_text(indicator: Indicator) -> str:
    """What stands in the place of a small number."""
    return _("not shown: few children") if indicator.kind == Kind.PERCENTAGE else _("fewer than 10")


def _is_few(count: Decimal | None) -> bool:
    return count is not None and 0 < count < HIDDEN_BELOW


def _is_public_view(line: ReportLine) -> bool:
    return line.stream == Stream.INDEPENDENT and line.state == ReportState.PUBLISHED


def _report_lines(
    indicators: QuerySet[Indicator], steps: dict[int, ScaleStep]
) -> tuple[dict[int, list[ReportLine]], dict[int, Actor]]:
    """Verified, submitted, returned and published reports by indicator, oldest first, each the revision in force; and
    the actors that they come from, with what it takes to name them."""
    official = [ReportState.VERIFIED, ReportState.SUBMITTED, ReportState.RETURNED]
    states = [*official, ReportState.PUBLISHED, ReportState.WITHDRAWN]
    rows = (
        ProgressReport.objects.filter(indicator__in=indicators, state__in=states)
        .annotate(has_evidence=Exists(Evidence.objects.filter(report=OuterRef("pk"))))
        .order_by("period_end", "revision", "pk")
        .values_list(*_ACTOR_FIELDS, *(name for name in ReportLine.__dataclass_fields__ if name != "level"))
    )
    in_force: dict[tuple, ReportLine] = {}
    actors: dict[int, Actor] = {}
    for key, name, acronym, kind, *fields in rows:
        line = ReportLine(*fields)
        if line.actor_id not in actors:
            actors[line.actor_id] = Actor(pk=line.actor_id, key=key, name=name, acronym=acronym, kind=kind)
        if line.step_id is not None:
            line = replace(line, level=steps[line.step_id].score)
        elif line.value is not None:
            line = replace(line, level=line.value)
        # A later revision in the same state follows its predecessor here and takes its place.
        assessor = line.actor_id if line.stream == Stream.INDEPENDENT else None
        way = line.state if line.stream == Stream.OFFICIAL else None
        in_force[line.indicator_id, line.stream, line.period_id, way, assessor] = line
    by_indicator: dict[int, list[ReportLine]] = defaultdict(list)
    for line in in_force.values():
        if line.state == ReportState.WITHDRAWN:
            continue  # with it goes what it had corrected
        by_indicator[line.indicator_id].append(line)
    return by_indicator, actors


def _standing(
    indicator: Indicator,
    plan: Plan,
    today: date,
    steps: dict[int, ScaleStep],
    targets: list[Target],
    periods: list[ReportingPeriod],
    lines: list[ReportLine],
    actors: dict[int, Actor],
) -> Standing:
    official = tuple(line for line in lines if line.state == ReportState.VERIFIED)
    independent = tuple(line for line in lines if _is_public_view(line))
    measure = measure_of(indicator, plan, targets, steps)
    expected = expected_periods(indicator, plan, periods)
    assessment = scoring.assess(measure, [observation(line) for line in official], expected, today)
    last = next((line for line in reversed(official) if line.level is not None), None)
    if last and assessment.value is not None and indicator.kind != Kind.SCALE:
        value_text = shown(indicator, assessment.value, None)
    else:
        value_text = shown(indicator, None, steps.get(last.step_id)) if last and last.step_id else ""
    counted = official if measure.accumulation.startswith("sum") else [last] if last else []
    is_small = is_small_number(indicator, assessment.value) or any(
        is_small_number(indicator, line.value, line.numerator, line.denominator) for line in counted
    )
    if is_small:
        value_text = hidden_text(indicator)
    return Standing(
        indicator=indicator,
        measure=measure,
        assessment=assessment,
        official=official,
        waiting=tuple(line for line in lines if line.state == ReportState.SUBMITTED),
        returned=tuple(line for line in lines if line.state == ReportState.RETURNED),
        independent=independent,
        views=_views(indicator, measure, assessment, official, independent, steps, actors),
        expected=expected,
        targets=tuple(targets),
        is_small=is_small,
        steps=tuple(sorted((s for s in steps.values() if s.scale_id == indicator.scale_id), key=lambda s: s.score)),
        value_text=value_text,
    )


def observation(line: ReportLine) -> scoring.Observation:
    """The report as scoring takes it."""
    return scoring.Observation(
        period_end=line.period_end,
        state=line.data_state,
        value=line.level,
        numerator=line.numerator,
        denominator=line.denominator,
        reference_on=line.reference_to,
    )


def _views(
    indicator: Indicator,
    measure: scoring.Measure,
    assessment: scoring.Assessment,
    official: tuple[ReportLine, ...],
    independent: tuple[ReportLine, ...],
    steps: dict[int, ScaleStep],
    actors: dict[int, Actor],
) -> tuple[View, ...]:
    """The latest assessment of each assessor, beside the official value of its period or else the one standing."""
    views = []
    for line in {line.actor_id: line for line in independent}.values():
        text = shown(indicator, line.value, steps.get(line.step_id) if line.step_id else None)
        if is_small_number(indicator, line.value, line.numerator, line.denominator):
            text = hidden_text(indicator)
        beside = _official_beside(measure, assessment, official, line)
        views.append(
            View(
                actor=actors[line.actor_id],
                report=line,
                text=text or (str(Judgement(line.judgement).label) if line.judgement else ""),
                differs=scoring.views_differ(beside, measure, line.level, line.judgement),
            )
        )
    return tuple(sorted(views, key=lambda view: view.actor.name))


def _official_beside(
    measure: scoring.Measure,
    assessment: scoring.Assessment,
    official: tuple[ReportLine, ...],
    line: ReportLine,
) -> scoring.Assessment:
    """What `line` is held against: the official value of the same period; the one standing where there is none."""
    same = next((one for one in official if one.period_end == line.period_end and one.level is not None), None)
    if same is None or same.level is None or measure.accumulation != Accumulation.POINT:
        return assessment
    rating = scoring.attain(measure, same.level, same.reference_on)
    return replace(
        assessment,
        value=same.level,
        as_of=same.reference_on,
        status=rating.status,
        attainment=rating.attainment,
        raw=rating.raw,
        is_share=rating.is_share,
        pace=rating.pace,
    )
