"""The rules of docs/scoring.md written a second time, slowly and in fractions, against generated histories.

Generated are half-yearly plans from 1 January, so that the calendar is simple here: test_scoring.py has the hard dates.
"""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from indicators.scoring import Goal, Measure, Observation, Period, Status, assess, expected_ends, roll_up

START = date(2024, 1, 1)
ENDS = [date(year, *day) for year in range(2024, 2028) for day in ((6, 30), (12, 31))]
DAY = timedelta(days=1)
SLOWLY = settings(max_examples=150, deadline=None, derandomize=True)


# The rules, a second time


def naive_value(measure, reports, expected):
    """(value, its day, its period), or None."""
    told = sorted((r for r in reports if r.state == "reported"), key=lambda r: r.period_end)
    groups = [[r] for r in told]
    if measure.accumulation == "sum_over_plan":
        groups = [told] if told else []
    if measure.accumulation == "sum_per_year":
        groups = []
        for year in range(2024, 2028):
            wanted = {e for e in expected if e.year == year}
            of_year = [r for r in told if r.period_end.year == year]
            if wanted and wanted.issubset(r.period_end for r in of_year):
                groups.append(of_year)
    if not groups:
        return None
    group = groups[-1]
    value = sum(Fraction(r.value) for r in group)
    if measure.kind == "percentage":
        value = Fraction(group[-1].value)
        if len(group) > 1 and all(r.denominator for r in group):
            value = 100 * sum(Fraction(r.numerator) for r in group) / sum(Fraction(r.denominator) for r in group)
    return value, group[-1].reference_on or group[-1].period_end, group[-1].period_end


def naive_start(measure):
    if measure.baseline is not None:
        return Fraction(measure.baseline)
    if measure.kind == "scale" and measure.lowest_step is not None:
        return Fraction(measure.lowest_step)
    return Fraction(0) if measure.starts_from_zero else None


def naive_expected(measure, start, on):
    """Day by day from the plan's start."""
    level, since = start, START
    for goal in measure.goals:
        if measure.kind in ("yes_no", "scale"):
            if on >= goal.due_on:
                level = Fraction(goal.level)
            continue
        if on < goal.due_on:
            days = max((on - since).days, 0)
            return level + (Fraction(goal.level) - level) * days / (goal.due_on - since).days
        level, since = Fraction(goal.level), goal.due_on
    return level


def naive_rate(measure, value, on):
    """(status, attainment, pace)."""
    if measure.direction == "context":
        return Status.NOT_RATED, None, None
    if measure.direction == "maintain":
        inside = measure.low <= value <= measure.high
        return (Status.ACHIEVED, 1, None) if inside else (Status.OFF_TRACK, 0, None)
    if not measure.goals:
        return Status.NOT_RATED, None, None
    start = naive_start(measure)
    levels = [Fraction(g.level) for g in measure.goals]
    whole = levels if start is None else [start, *levels]
    if whole in (sorted(whole), sorted(whole, reverse=True)):
        base, target, last = start, levels[-1], True
    else:
        n = 0
        while n < len(levels) - 1 and on > measure.goals[n].due_on:
            n += 1
        base, target, last = ([start, *levels])[n], levels[n], n == len(levels) - 1
    less_is_better = target < base if base not in (None, target) else measure.direction == "decrease"
    reached = value <= target if less_is_better else value >= target
    slipped = base is not None and (value - base if less_is_better else base - value) > measure.minimum_change
    if base in (None, target):
        attainment, pace = Fraction(reached), None
        due = [level for goal, level in zip(measure.goals, levels, strict=True) if goal.due_on <= on]
        falls = measure.direction == "decrease"
        failed = bool(due) and (value > due[-1] if falls else value < due[-1])
    else:
        attainment = max(Fraction(0), min(Fraction(1), (value - base) / (target - base)))
        pace = max(Fraction(0), min(Fraction(1), (naive_expected(measure, start, on) - base) / (target - base)))
        failed = pace - attainment > Fraction(1, 4)
    if reached and last:
        return Status.ACHIEVED, attainment, pace
    if slipped:
        return Status.REGRESSED, attainment, pace
    if failed:
        return Status.OFF_TRACK, attainment, pace
    behind = pace is not None and pace - attainment > Fraction(1, 10)
    return Status.BEHIND if behind else Status.ON_TRACK, attainment, pace


def naive_assess(measure, reports, periods, today):
    by_end = {r.period_end: r for r in reports}
    overdue = [p.ends_on for p in periods if p.due_on < today]
    latest = by_end[max(by_end)] if by_end else None
    if latest and latest.state == "not_applicable" and (today - latest.period_end).days <= 365:
        return Status.NOT_APPLICABLE, None, None
    found = naive_value(measure, reports, [p.ends_on for p in periods])
    silent = [end for end in overdue if end not in by_end or by_end[end].state != "reported"]
    if found is None:
        return (Status.NO_DATA if silent else Status.NOT_YET_DUE), None, None
    value, on, period_end = found
    missed = 0
    for end in silent:
        excused = end in by_end and by_end[end].state == "not_applicable" and (today - end).days <= 365
        missed += end > period_end and not excused
    if missed >= 2:
        return Status.NO_DATA, None, None
    return naive_rate(measure, value, min(on, today))


def naive_roll_up(rated):
    """(score, mean, ceiling) of (status, attainment, weight)."""
    weight_in, weight_told, points = Fraction(0), Fraction(0), Fraction(0)
    for status, attainment, weight in rated:
        if status in (Status.NOT_APPLICABLE, Status.NOT_YET_DUE, Status.NOT_RATED):
            continue
        weight_in += Fraction(weight)
        if status != Status.NO_DATA:
            weight_told += Fraction(weight)
            points += attainment * Fraction(weight)
    score = points / weight_in if weight_in else None
    mean = points / weight_told if weight_told else None
    return score, mean, (score + (weight_in - weight_told) / weight_in if weight_in else None)


# Plans and histories


@st.composite
def measures(draw):
    kind = draw(st.sampled_from(["number", "percentage", "scale", "yes_no"]))
    if kind == "yes_no":
        level = st.integers(0, 1).map(Decimal)
    elif kind == "scale":
        level = st.sampled_from([Decimal(n) / 4 for n in range(5)])
    else:
        level = st.integers(0, 12).map(lambda n: Decimal(n) * 5)
    adds_up = kind in ("number", "percentage")
    low = draw(level)
    return Measure(
        kind=kind,
        direction=draw(st.sampled_from(["increase"] * 4 + ["decrease"] * 3 + ["maintain", "context"])),
        accumulation=draw(
            st.sampled_from(["point", "running_total"] + ["sum_per_year", "sum_over_plan"] * adds_up),
        ),
        starts_on=START,
        goals=tuple(
            Goal(due_on, draw(level))
            for due_on in sorted(draw(st.sets(st.sampled_from([date(2025, 3, 31), *ENDS[1:]]), max_size=3)))
        ),
        baseline=draw(st.none() | level),
        starts_from_zero=draw(st.booleans()) and kind != "scale",
        low=low,
        high=low + draw(level),
        minimum_change=draw(st.sampled_from([Decimal(0), Decimal(5)])) if adds_up else Decimal(0),
        lowest_step=draw(st.none() | st.just(Decimal(0))) if kind == "scale" else None,
        months=draw(st.sampled_from([6, 12])),
    ), level


@st.composite
def observations(draw, level, end):
    state = draw(st.sampled_from(["reported"] * 5 + ["no_data", "not_yet_available", "not_applicable"]))
    if state != "reported":
        return Observation(end, state)
    denominator = draw(st.none() | st.integers(1, 50).map(Decimal))
    return Observation(
        end,
        state,
        value=draw(level),
        numerator=None if denominator is None else draw(st.integers(0, 50).map(Decimal)),
        denominator=denominator,
        reference_on=draw(st.none() | st.integers(0, 200).map(lambda days: end - days * DAY)),
    )


@st.composite
def histories(draw):
    """A measure, its reports (now and then at a period where none was expected), its periods, and a day."""
    measure, level = draw(measures())
    periods = tuple(Period(end, end + 31 * DAY) for end in expected_ends(measure.months, START, ENDS))
    today = draw(st.dates(START, date(2028, 6, 30)))
    told_at = [end for end in ENDS if end <= today and draw(st.integers(0, 3))]
    return measure, [draw(observations(level, end)) for end in told_at], periods, today


def as_share(share):
    """The ten places that the rules round to."""
    return None if share is None else round(Fraction(share), 10)


@SLOWLY
@given(histories())
def test_assess_agrees_with_the_naive_rules(history):
    found = assess(*history)
    status, attainment, pace = naive_assess(*history)
    assert (found.status, as_share(found.attainment), as_share(found.pace)) == (
        status,
        as_share(attainment),
        as_share(pace),
    )


@SLOWLY
@given(st.lists(st.tuples(histories(), st.integers(1, 40).map(lambda n: Decimal(n) / 4)), max_size=6))
def test_roll_up_agrees_with_the_naive_rules(rows):
    rolled = roll_up((assess(*history), weight) for history, weight in rows)
    naive = [(*naive_assess(*history), weight) for history, weight in rows]
    score, mean, ceiling = naive_roll_up([(status, attainment, weight) for status, attainment, _, weight in naive])
    # Attainments are rounded before they are added: the last place may differ by one.
    for found, expected in ((rolled.score, score), (rolled.mean, mean), (rolled.ceiling, ceiling)):
        assert (found is None) == (expected is None)
        assert found is None or abs(Fraction(found) - expected) < Fraction(2, 10**10)
    assert rolled.total == len(rows)
    assert dict(rolled.counts) == {status: [row[0] for row in naive].count(status) for status in Status}


@SLOWLY
@given(histories())
def test_assess_keeps_its_promises(history):
    found = assess(*history)
    assert found.attainment is None or 0 <= found.attainment <= 1
    assert found.pace is None or 0 <= found.pace <= 1
    assert (found.attainment is None) == (found.raw is None)
    assert (found.value is None) == (found.as_of is None) == (found.period_end is None)
    assert found.is_share == (found.pace is not None)
    assert found.is_fresh or found.attainment is None
    assert found.as_of is None or found.as_of <= history[-1]


@SLOWLY
@given(histories(), st.integers(0, 1500))
def test_waiting_in_silence_never_lifts_the_score(history, days):
    """No new report comes in: what counts as 1, 0.4 or 0 today counts no more later. Lapsing exceptions aside."""
    measure, reports, periods, today = history
    reports = [r for r in reports if r.state != "not_applicable"]
    now = assess(measure, reports, periods, today)
    later = assess(measure, reports, periods, today + days * DAY)
    assert later.attainment in (None, now.attainment)
