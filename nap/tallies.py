"""How many indicators have which status, and what they add up to: the figures that every page about a plan begins with."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from indicators.scoring import RollUp, Status, roll_up
from indicators.standings import Standing

GOOD = (Status.ACHIEVED, Status.ON_TRACK)
SLOW = (Status.BEHIND, Status.OFF_TRACK, Status.REGRESSED)
EMPTY = (Status.NO_DATA, Status.NOT_YET_DUE, Status.NOT_APPLICABLE, Status.NOT_RATED)
# In the order in which people ask: what is well, what is not, what is not known. Scoring's own order is that of rules.
ORDER = (*GOOD, *SLOW, *EMPTY)
HEAT_STEPS = 5
# With fewer indicators than this, a score could tell a count of children that is not shown (docs/roles.md).
ENOUGH_TO_HIDE_ONE = 10


@dataclass(frozen=True, slots=True)
class StatusCount:
    """How many of `total` indicators have this status. `heat` is 0 for none and 1 to 5 for their share."""

    status: Status
    number: int
    total: int
    share: str
    heat: int

    @property
    def is_empty(self) -> bool:
        """Whether the status says that nothing is known: never shown as if it were good or bad."""
        return self.status in EMPTY


@dataclass(frozen=True, slots=True)
class Tally:
    """A set of indicators by status, in reading order, and their score in words ("31%"), empty where there is none.

    `good` are achieved or on track, `slow` behind, off track or slipped back. `is_hidden`: there is a score, but it
    would tell a count of children that is not shown.
    """

    counts: tuple[StatusCount, ...]
    total: int
    good: int
    slow: int
    no_data: int
    at_least: str
    mean: str
    at_most: str
    reported: int
    expected: int
    score: Decimal | None
    is_hidden: bool

    @property
    def others(self) -> int:
        """Not yet due, not applicable, not rated."""
        return self.total - self.good - self.slow - self.no_data

    @property
    def at_least_cell(self) -> str:
        """The score for a cell of a table, where an empty one would puzzle."""
        return _("not shown") if self.is_hidden else self.at_least or "–"

    @property
    def present(self) -> tuple[StatusCount, ...]:
        """The statuses that some indicator has."""
        return tuple(one for one in self.counts if one.number)

    @property
    def sentence(self) -> str:
        """The whole in one sentence, with every indicator in it."""
        if not self.total:
            return _("No indicator has been set up yet.")
        parts = [
            _("%(number)d achieved or on track") % {"number": self.good},
            _("%(number)d behind, off track or slipped back") % {"number": self.slow},
            _("%(number)d without data") % {"number": self.no_data},
        ]
        if self.others:
            parts.append(_("%(number)d not yet due or not rated") % {"number": self.others})
        whole = _("1 indicator") if self.total == 1 else _("%(number)d indicators") % {"number": self.total}
        return _("Of %(whole)s: %(parts)s.") % {"whole": whole, "parts": ", ".join(parts)}


def tally(standings: Iterable[Standing]) -> Tally:
    """Add up the standings: an indicator weighs its own weight times its objective's."""
    standings = list(standings)
    whole = roll_up((one.assessment, one.indicator.weight * one.indicator.objective.weight) for one in standings)
    hidden = any(one.is_small for one in standings)
    return tally_of(whole, is_hidden=hidden and len(standings) < ENOUGH_TO_HIDE_ONE)


def tally_of(whole: RollUp, *, is_hidden: bool = False) -> Tally:
    numbers = dict(whole.counts)
    return Tally(
        counts=tuple(_status_count(status, numbers.get(status, 0), whole.total) for status in ORDER),
        total=whole.total,
        good=sum(numbers.get(status, 0) for status in GOOD),
        slow=sum(numbers.get(status, 0) for status in SLOW),
        no_data=numbers.get(Status.NO_DATA, 0),
        at_least="" if is_hidden else percent(whole.score, ROUND_FLOOR),
        mean="" if is_hidden else percent(whole.mean),
        at_most="" if is_hidden else percent(whole.ceiling, ROUND_CEILING),
        reported=whole.reported,
        expected=whole.expected,
        score=whole.score,
        is_hidden=is_hidden and whole.score is not None,
    )


def percent(share: Decimal | None, rounding: str = ROUND_HALF_UP) -> str:
    """A fraction as a whole percentage in words; "at least" is rounded down and "at most" up. Empty for none."""
    if share is None:
        return ""
    return f"{number_format((share * 100).quantize(Decimal(1), rounding=rounding))}%"


def _status_count(status: Status, number: int, total: int) -> StatusCount:
    heat = -(-HEAT_STEPS * number // total) if total else 0
    share = percent(Decimal(number) / total) if total else ""
    return StatusCount(status, number, total, share, heat)


def mean_attainment(standings: Sequence[Standing]) -> str:
    """The mean of the attainments known, in words; empty where none is, or where it would tell a hidden count."""
    known = [one for one in standings if one.assessment.attainment is not None and one.assessment.is_fresh]
    if not known or any(one.is_small for one in known):
        return ""
    attained = [one.assessment.attainment for one in known if one.assessment.attainment is not None]
    return percent(sum(attained, Decimal(0)) / len(attained))
