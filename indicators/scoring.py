"""How far an indicator has come, and what an objective, area or plan adds up to.

The rules, in plain words, are in docs/scoring.md. Everything here is a pure function of its arguments: no database,
no clock, no settings. Numbers are Decimals throughout. Shares (attainment, pace, score) are fractions from 0 to 1,
rounded to ten places, so that 2/3 − 17/30 is exactly the 0.10 of a threshold; percentages are 0 to 100.
`assess` asks `values_over_time` for the value and `attain` for how far that is; `roll_up` adds up.
"""

from __future__ import annotations

import calendar
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Context, Decimal
from itertools import pairwise

from django.db.models import TextChoices
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

SCORE_VERSION = "1.0"  # every stored or printed score names it; it changes when a result could

OFF_TRACK_GAP = Decimal("0.25")  # off track when attainment is more than this below pace
BEHIND_GAP = Decimal("0.10")  # behind when it is more than this below
DIFFERENCE = Decimal("0.15")  # views differ when attainments are this far apart or further
MISSES_ALLOWED = 1  # a value is carried over so many missed periods; with the next it is no longer fresh
EXCUSED_FOR = timedelta(days=365)  # how long after its period's end a "not applicable" holds
DAYS_OF_GRACE = timedelta(days=3)  # plans start on 2 or 31 January: a period's end may miss the exact month by so much
ZERO, ONE, HUNDRED = Decimal(0), Decimal(1), Decimal(100)
_WIDE = Context(prec=60)  # the widest ratio of two 15-digit Decimals, with its ten places, needs about 45 digits
_PLACES, _DAY = Decimal("1E-10"), timedelta(days=1)


class Status(TextChoices):
    """The first that holds, in this order (docs/scoring.md); NOT_RATED: a context indicator, or data but no target."""

    NOT_APPLICABLE = "not_applicable", gettext_lazy("Not applicable")
    NOT_YET_DUE = "not_yet_due", gettext_lazy("Not yet due")
    NO_DATA = "no_data", gettext_lazy("No data")
    ACHIEVED = "achieved", gettext_lazy("Achieved")
    REGRESSED = "regressed", gettext_lazy("Slipped back")
    OFF_TRACK = "off_track", gettext_lazy("Off track")
    BEHIND = "behind", gettext_lazy("Behind")
    ON_TRACK = "on_track", gettext_lazy("On track")
    NOT_RATED = "not_rated", gettext_lazy("Not rated")


UNSCORED = frozenset({Status.NOT_APPLICABLE, Status.NOT_YET_DUE, Status.NOT_RATED})  # these leave the denominator


class Trend(TextChoices):
    """Which way the value itself moved, the latest against the one before: neither good nor bad."""

    UP = "up", gettext_lazy("Up")
    LEVEL = "level", gettext_lazy("Level")
    DOWN = "down", gettext_lazy("Down")


@dataclass(frozen=True, slots=True)
class Goal:
    """A target: the level to be reached on a day. A scale's level is its step's score (0 to 1); yes is 1, no is 0."""

    due_on: date
    level: Decimal


@dataclass(frozen=True, slots=True)
class Measure:
    """All that scoring needs to know of an indicator.

    `kind`: yes_no, scale, number, percentage. `direction`: increase, decrease, maintain (between `low` and `high`,
    both included; a missing bound is open), context. `accumulation`: point, running_total, sum_per_year,
    sum_over_plan. `starts_on` is the plan's start, `goals` are sorted by date. Levels are in the indicator's unit
    (percentages 0 to 100, scales their step's score), `minimum_change` too. `lowest_step` is a scale's baseline where
    none is given. `months` is the interval at which the indicator reports.
    """

    kind: str
    direction: str
    accumulation: str
    starts_on: date
    goals: tuple[Goal, ...]
    baseline: Decimal | None = None
    baseline_on: date | None = None
    starts_from_zero: bool = False
    low: Decimal | None = None
    high: Decimal | None = None
    minimum_change: Decimal = ZERO
    lowest_step: Decimal | None = None
    months: int = 6


@dataclass(frozen=True, slots=True)
class Period:
    """A reporting period at which the indicator is expected to report, and the day by which its report is due."""

    ends_on: date
    due_on: date


@dataclass(frozen=True, slots=True)
class Observation:
    """The current verified report of the indicator for one period, which may be one where none was expected.

    `state`: reported, no_data, not_yet_available, not_applicable. `value` is in the indicator's unit; a percentage
    may give `numerator` and `denominator` instead or as well. `reference_on` is the day that the value speaks of; its
    period's end where none is given.
    """

    period_end: date
    state: str
    value: Decimal | None = None
    numerator: Decimal | None = None
    denominator: Decimal | None = None
    reference_on: date | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """The indicator's value, the day that it speaks of, and the period it was reported for."""

    value: Decimal
    as_of: date
    period_end: date


@dataclass(frozen=True, slots=True)
class Rating:
    """What one value is worth on one day; the fields are those of `Assessment`."""

    status: Status
    reason: str
    attainment: Decimal | None = None
    raw: Decimal | None = None
    is_share: bool = False
    pace: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Assessment:
    """Where an indicator stands today, and why.

    `value` is the last one known, fresh or not, in the indicator's unit, `as_of` its reference date. `attainment` is a
    fraction from 0 to 1, `raw` the same before clamping, both None where there is nothing to rate. `is_share` is False
    where only met or not met can be said. `pace` is the attainment expected at `as_of`. `trend` is None with fewer
    than two values. `missed` counts the expected periods already due, later than `period_end`, without a value (all if
    there never was one). `is_expected`: some expected period is due. `reason` is one plain sentence.
    """

    status: Status
    value: Decimal | None
    as_of: date | None
    period_end: date | None
    attainment: Decimal | None
    raw: Decimal | None
    is_share: bool
    pace: Decimal | None
    trend: Trend | None
    is_fresh: bool
    missed: int
    is_expected: bool
    reason: str


@dataclass(frozen=True, slots=True)
class RollUp:
    """What a set of indicators adds up to; shares are fractions from 0 to 1, None where nothing is left to add.

    `counts` has every status in order and adds up to `total`: the headline. `score` counts a missing indicator 0
    ("at least"), `ceiling` counts it 1 ("at most"), `mean` takes only the `reported` out of `expected` (n of N).
    """

    counts: tuple[tuple[Status, int], ...]
    total: int
    score: Decimal | None
    mean: Decimal | None
    ceiling: Decimal | None
    reported: int
    expected: int


def add_months(on: date, months: int) -> date:
    """Return the same day so many months later, or that month's last day where it has no such day."""
    year, month = divmod(on.year * 12 + on.month - 1 + months, 12)
    return date(year, month + 1, min(on.day, calendar.monthrange(year, month + 1)[1]))


def months_between(start: date, on: date) -> int:
    """Return the whole months from `start` to `on`: 31 January to 28 February is one, to 27 February none."""
    months = (on.year - start.year) * 12 + on.month - start.month
    return months if add_months(start, months) <= on else months - 1


def expected_ends(months: int, starts_on: date, ends: Sequence[date]) -> tuple[date, ...]:
    """Return those of a plan's period ends at which an indicator that reports every so many months is expected.

    It is expected at an end by which another such interval has passed since the plan's start: of half-yearly periods
    a yearly indicator takes every second, a 36-monthly one the sixth. Up to three days short still count as a whole
    month (a plan that starts on 2 January has periods that end on 30 June). Raises ValueError for months below 1.
    """
    if months < 1:
        raise ValueError(f"An indicator cannot report every {months} months.")
    ends = sorted(ends)
    passed = [0, *(months_between(starts_on, end + _DAY + DAYS_OF_GRACE) // months for end in ends)]
    return tuple(end for end, before, now in zip(ends, passed, passed[1:], strict=False) if now > max(before, 0))


def values_over_time(
    measure: Measure, observations: Iterable[Observation], periods: Sequence[Period]
) -> tuple[Reading, ...]:
    """Return the indicator's values, oldest first, by its accumulation (docs/scoring.md, "The value").

    Point and running total: every reported value. Sum over the plan: the sum so far at each report since the plan's
    start. Sum per year: one value for each whole plan year without a hole; a year with a hole gives none.
    """
    reported = sorted((o for o in observations if _amount(o) is not None), key=lambda o: o.period_end)
    if measure.accumulation == "sum_over_plan":
        counted = [o for o in reported if o.period_end >= measure.starts_on]
        return tuple(_added_up(measure, counted[:n]) for n in range(1, len(counted) + 1))
    if measure.accumulation == "sum_per_year":
        return tuple(_added_up(measure, year) for year in _whole_years(measure, reported, periods))
    return tuple(_added_up(measure, [o]) for o in reported)


def value_at(
    measure: Measure, observations: Iterable[Observation], periods: Sequence[Period], on: date | None = None
) -> Reading | None:
    """Return the latest value from reports for periods that end by `on` (all periods without it), fresh or not."""
    known = [o for o in observations if on is None or o.period_end <= on]
    readings = values_over_time(measure, known, periods)
    return readings[-1] if readings else None


def _amount(observation: Observation) -> Decimal | None:
    if observation.state != "reported":
        return None
    if observation.value is None and observation.numerator is not None and observation.denominator:
        return HUNDRED * observation.numerator / observation.denominator
    return observation.value


def _added_up(measure: Measure, reports: Sequence[Observation]) -> Reading:
    """Add the reports up; a percentage by numerators and denominators.

    Where one of several lacks them the latest value stands: an average would be a number that nobody reported.
    """
    last = reports[-1]
    amounts = [amount for amount in map(_amount, reports) if amount is not None]
    fractions = [(o.numerator, o.denominator) for o in reports if o.numerator is not None and o.denominator]
    if measure.kind != "percentage":
        value = sum(amounts, ZERO)
    elif len(reports) > 1 and len(fractions) == len(reports):
        value = HUNDRED * sum((n for n, _d in fractions), ZERO) / sum((d for _n, d in fractions), ZERO)
    else:
        value = amounts[-1]
    return Reading(value=value, as_of=last.reference_on or last.period_end, period_end=last.period_end)


def _plan_year(measure: Measure, period_end: date) -> int:
    return months_between(measure.starts_on, period_end - DAYS_OF_GRACE) // 12


def _whole_years(measure: Measure, reported: list[Observation], periods: Sequence[Period]) -> list[list[Observation]]:
    """Return the reports of each plan year (twelve months from the plan's start) whose every expected report is in.

    All reports of such a year count, expected or not: each speaks of the time since the one before. A year into which
    another expected period would still fit (the plan, or what is known of it, ends before) is not whole.
    """
    ends_by_year = defaultdict(set)
    for period in periods:
        ends_by_year[_plan_year(measure, period.ends_on)].add(period.ends_on)
    whole = []
    for year, ends in sorted(ends_by_year.items()):
        reports = [report for report in reported if _plan_year(measure, report.period_end) == year]
        year_after = add_months(measure.starts_on, 12 * (year + 1)) + DAYS_OF_GRACE
        is_over = add_months(max(ends) + _DAY, measure.months) > year_after
        if is_over and ends <= {report.period_end for report in reports}:
            whole.append(reports)
    return whole


def expected_level(measure: Measure, on: date) -> Decimal | None:
    """Return the level, in the indicator's unit, that the plan expects on a day; None where it expects none.

    Numbers and percentages: linear from the baseline through the targets, then flat. Yes/no and scale: the latest
    target due, first the baseline. None for context, maintain, no targets, and before the first without a baseline.
    """
    path = _path(measure)
    if not path or measure.direction in ("context", "maintain") or (_baseline(measure) is None and on < path[0].due_on):
        return None
    return _level_on(measure, path, on)


def attain(measure: Measure, value: Decimal, on: date) -> Rating:
    """Return what a value is worth on the day that it speaks of: attainment, pace, and a status from achieved on.

    NOT_RATED, without attainment, for context and where there is no target. Clamped attainment is held against pace;
    "achieved" compares the value itself with the target, without rounding.
    """
    if measure.direction == "context":
        return Rating(Status.NOT_RATED, _("A context indicator is shown and explained, never rated."))
    if measure.direction == "maintain":
        return _attain_range(measure, value)
    if not measure.goals:
        return Rating(Status.NOT_RATED, _("There is no target to rate the value against."))
    base, target, is_last = _stretch(measure, on)
    sign = _sign(measure, base, target)
    is_reached = (value - target) * sign >= 0
    if base is None or base == target:  # no way to share: the target is met or not
        is_share, pace, raw = False, None, ONE if is_reached else ZERO
        due = [goal for goal in measure.goals if goal.due_on <= on]
        is_failed = bool(due) and (value - due[-1].level) * _sign(measure, None, target) < 0
        gap = ONE if is_failed else ZERO
        reason = (
            _("The target due on %s is not met.") % date_format(due[-1].due_on)
            if is_failed
            else _("No target due is unmet.")
        )
    else:
        is_share, raw = True, _ratio(value - base, target - base)
        pace = _clamped(_ratio(_level_on(measure, _path(measure), on) - base, target - base))
        gap = pace - _clamped(raw)
        said = {"come": f"{_clamped(raw):.0%}", "pace": f"{pace:.0%}", "day": date_format(on)}
        reason = _("%(come)s of the way; %(pace)s was expected by %(day)s.") % said
    if is_reached and is_last:
        status, reason = Status.ACHIEVED, _("The last target is reached.")
    elif base is not None and (base - value) * sign > measure.minimum_change:
        status, reason = Status.REGRESSED, _("The value is worse than where it started.")
    else:
        status = Status.OFF_TRACK if gap > OFF_TRACK_GAP else Status.BEHIND if gap > BEHIND_GAP else Status.ON_TRACK
    return Rating(status, reason, attainment=_clamped(raw), raw=raw, is_share=is_share, pace=pace)


def _attain_range(measure: Measure, value: Decimal) -> Rating:
    if measure.low is None and measure.high is None:
        return Rating(Status.NOT_RATED, _("There is no range to rate the value against."))
    if (measure.low is None or value >= measure.low) and (measure.high is None or value <= measure.high):
        return Rating(Status.ACHIEVED, _("The value is within its range."), attainment=ONE, raw=ONE)
    return Rating(Status.OFF_TRACK, _("The value is outside its range."), attainment=ZERO, raw=ZERO)


def _baseline(measure: Measure) -> Decimal | None:
    if measure.baseline is not None:
        return measure.baseline
    if measure.kind == "scale" and measure.lowest_step is not None:
        return measure.lowest_step
    return ZERO if measure.starts_from_zero else None


def _path(measure: Measure) -> tuple[Goal, ...]:
    """Return the points that the plan's expectation passes through: the baseline, where there is one, and the goals."""
    baseline = _baseline(measure)
    if baseline is None or not measure.goals:
        return measure.goals
    start = measure.baseline_on if measure.baseline is not None and measure.baseline_on else measure.starts_on
    return (Goal(min(start, measure.goals[0].due_on), baseline), *measure.goals)


def _level_on(measure: Measure, path: Sequence[Goal], on: date) -> Decimal:
    passed = [point for point in path if point.due_on <= on]
    if not passed:
        return path[0].level
    here = passed[-1]
    if len(passed) == len(path) or measure.kind in ("yes_no", "scale"):
        return here.level
    there = path[len(passed)]
    days, span = (on - here.due_on).days, (there.due_on - here.due_on).days
    return here.level + _WIDE.divide((there.level - here.level) * days, Decimal(span))


def _stretch(measure: Measure, on: date) -> tuple[Decimal | None, Decimal, bool]:
    """Return where the stretch begins that a value on this day is rated in, its target, and whether it is the last.

    A path that goes one way is one stretch. One that turns round (recorded cases first rise with awareness, then
    fall) has a stretch for each target; a target's own day still belongs to its stretch.
    """
    goals = measure.goals
    levels = [point.level for point in _path(measure)]
    steps = [after - before for before, after in pairwise(levels)]
    if not (any(step > 0 for step in steps) and any(step < 0 for step in steps)):
        return _baseline(measure), goals[-1].level, True
    at = next((n for n, goal in enumerate(goals) if goal.due_on >= on), len(goals) - 1)
    return goals[at - 1].level if at else _baseline(measure), goals[at].level, at == len(goals) - 1


def _sign(measure: Measure, base: Decimal | None, target: Decimal) -> int:
    """Return +1 where more is better, −1 where less is: by the way from base to target, else by the direction."""
    if base is None or base == target:
        return -1 if measure.direction == "decrease" else 1
    return 1 if target > base else -1


def _ratio(part: Decimal, whole: Decimal) -> Decimal:
    return _WIDE.divide(part, whole).quantize(_PLACES, context=_WIDE)


def _clamped(share: Decimal) -> Decimal:
    return min(max(share, ZERO), ONE)


def assess(measure: Measure, observations: Iterable[Observation], periods: Sequence[Period], today: date) -> Assessment:
    """Return where the indicator stands on a day: the first status that holds.

    Takes every observation that it is given, one ahead of its period's end too (its value speaks of today at the
    latest). For a past period p give it the reports for periods up to p, and as today the day after p was due.
    `periods` are all expected periods of the plan, future ones included: they tell which year is whole.
    """
    history = sorted(observations, key=lambda o: o.period_end)
    readings = values_over_time(measure, history, periods)
    reading = readings[-1] if readings else None
    due = [period for period in periods if period.due_on < today]
    answered = {o.period_end for o in history if _amount(o) is not None}
    excused = {o.period_end for o in history if o.state == "not_applicable" and today - o.period_end <= EXCUSED_FOR}
    since = date.min if reading is None else reading.period_end
    missed = sum(period.ends_on > since and period.ends_on not in answered | excused for period in due)
    is_fresh = reading is not None and missed <= MISSES_ALLOWED
    as_of = None if reading is None else min(reading.as_of, today)
    if history and history[-1].period_end in excused:
        rating = Rating(
            Status.NOT_APPLICABLE, _("Not applicable, as reported for %s.") % date_format(history[-1].period_end)
        )
    elif reading is None and answered.issuperset(period.ends_on for period in due):
        reason = _("Every report is in, but no plan year is whole yet.") if due else _("No report is due yet.")
        rating = Rating(Status.NOT_YET_DUE, reason)
    elif reading is None:
        rating = Rating(Status.NO_DATA, _("A report was due, and there is no value."))
    elif not is_fresh or as_of is None:
        said = {"day": date_format(reading.period_end), "missed": missed}
        reason = _("The last value is for the period to %(day)s; reports due since without one: %(missed)d.") % said
        rating = Rating(Status.NO_DATA, reason)
    else:
        rating = attain(measure, reading.value, as_of)
    return Assessment(
        status=rating.status,
        value=None if reading is None else reading.value,
        as_of=as_of,
        period_end=None if reading is None else reading.period_end,
        attainment=rating.attainment,
        raw=rating.raw,
        is_share=rating.is_share,
        pace=rating.pace,
        trend=_trend(measure, readings),
        is_fresh=is_fresh,
        missed=missed,
        is_expected=bool(due),
        reason=rating.reason,
    )


def _trend(measure: Measure, readings: Sequence[Reading]) -> Trend | None:
    if len(readings) < 2:
        return None
    change = readings[-1].value - readings[-2].value
    return Trend.LEVEL if abs(change) <= measure.minimum_change else Trend.UP if change > 0 else Trend.DOWN


def roll_up(rows: Iterable[tuple[Assessment, Decimal]]) -> RollUp:
    """Add up assessments with their weights. Raises ValueError for a counted weight that is not above 0.

    Not applicable, not yet due, not rated leave the denominator; "no data" counts 0 in the score, 1 in the ceiling.
    """
    rows = list(rows)
    counts = Counter(assessment.status for assessment, _weight in rows)
    scored = [(assessment.attainment, weight) for assessment, weight in rows if assessment.status not in UNSCORED]
    reported = [(attainment, weight) for attainment, weight in scored if attainment is not None]
    if any(weight <= 0 for _attainment, weight in scored):
        raise ValueError("A weight must be above 0.")
    expected_weight = sum((weight for _attainment, weight in scored), ZERO)
    reported_weight = sum((weight for _attainment, weight in reported), ZERO)
    attained = sum((attainment * weight for attainment, weight in reported), ZERO)
    return RollUp(
        counts=tuple((status, counts[status]) for status in Status),
        total=len(rows),
        score=_ratio(attained, expected_weight) if scored else None,
        mean=_ratio(attained, reported_weight) if reported else None,
        ceiling=_ratio(attained + expected_weight - reported_weight, expected_weight) if scored else None,
        reported=len(reported),
        expected=len(scored),
    )


def views_differ(official: Assessment, measure: Measure, independent_value: Decimal | None, judgement: str) -> bool:
    """Return whether one independent assessment differs from the official standing.

    It does when the assessor says so (judgement "partly" or "disagree"), when the step or the yes/no differs, or when
    the attainments of two numbers, both on the official value's day, are 0.15 or more apart. Without a current
    official value a value alone is no difference, and numbers without a target cannot be compared.
    """
    if judgement in ("partly", "disagree"):
        return True
    is_silent = official.status in (Status.NOT_APPLICABLE, Status.NOT_YET_DUE, Status.NO_DATA)
    if independent_value is None or official.value is None or official.as_of is None or is_silent:
        return False
    if measure.kind in ("yes_no", "scale"):
        return independent_value != official.value
    theirs, ours = attain(measure, independent_value, official.as_of).attainment, official.attainment
    return theirs is not None and ours is not None and abs(theirs - ours) >= DIFFERENCE
