"""The gaps of a plan as its page shows them: the answer in a sentence, counts, rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.http import urlencode
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from nap.gaps.kinds import PLAN_AS_A_WHOLE, Gap, GapGroup, GapKind, Person
from objectives.models import Objective

DEEPEST = 5  # shades of a cell that holds a count


@dataclass(frozen=True, slots=True)
class Row:
    """`age` is how long ago the gap began, in words; `form` leads to where the reader can close it, or is empty."""

    gap: Gap
    age: str
    form: str


@dataclass(frozen=True, slots=True)
class Section:
    objective: Objective | None
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Cell:
    objective_key: str
    number: int
    shade: int


@dataclass(frozen=True, slots=True)
class KindRow:
    kind: GapKind
    number: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """One group of kinds: those that have gaps as `rows`, and the labels of those that have none."""

    group: GapGroup
    number: int
    rows: tuple[KindRow, ...]
    complete: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Matrix:
    """Kind × objective. `objectives` are the columns after the first one, which is the plan as a whole."""

    objectives: tuple[Objective, ...]
    parts: tuple[Part, ...]


def matrix_of(gaps: Sequence[Gap], columns: Iterable[Gap]) -> Matrix:
    """The counts of `gaps`, with a column for each objective that occurs in `columns`."""
    objectives = _objectives(columns)
    keys = [PLAN_AS_A_WHOLE, *(objective.key for objective in objectives)]
    number = Counter((gap.kind, gap.objective_key) for gap in gaps)
    deepest = max(number.values(), default=1)
    parts = []
    for group in GapGroup:
        rows = []
        for kind in (kind for kind in GapKind if kind.group == group):
            cells = tuple(Cell(key, number[kind, key], _shade(number[kind, key], deepest)) for key in keys)
            rows.append(KindRow(kind, sum(cell.number for cell in cells), cells))
        parts.append(
            Part(
                group=group,
                number=sum(row.number for row in rows),
                rows=tuple(row for row in rows if row.number),
                complete=tuple(str(row.kind.label) for row in rows if not row.number),
            )
        )
    return Matrix(objectives, tuple(parts))


def sections_of(gaps: Iterable[Gap], user: Person, today: date, back: str) -> tuple[Section, ...]:
    """The gaps by objective, those of the plan as a whole first. `back` is where a form leads when it is done."""
    gaps = list(gaps)
    rows = [Row(gap, _age(gap, today), _with_next(gap.close_url, back) if gap.may_close(user) else "") for gap in gaps]
    return tuple(
        Section(objective, tuple(row for row in rows if row.gap.objective == objective))
        for objective in (None, *_objectives(gaps))
        if any(row.gap.objective == objective for row in rows)
    )


def checklist_of(gaps: Iterable[Gap]) -> list[tuple[GapKind, int]]:
    """How many gaps in its design a plan still has, of each kind, none included."""
    number = Counter(gap.kind for gap in gaps)
    return [(kind, number[kind]) for kind in GapKind if kind.group == GapGroup.DESIGN]


def answer_of(gaps: Sequence[Gap], closers: Sequence) -> str:
    """What is missing, in a sentence or two."""
    if not gaps:
        return _("No gap is known today.")
    number = Counter(gap.group for gap in gaps)
    words = {
        GapGroup.DESIGN: _("%(n)d in the plan’s design"),
        GapGroup.REPORTING: _("%(n)d in reporting"),
        GapGroup.PROGRESS: _("%(n)d in progress"),
    }
    parts = _(", ").join(words[group] % {"n": number[group]} for group in GapGroup if number[group])
    total = ngettext("%(n)d gap: %(parts)s.", "%(n)d gaps: %(parts)s.", len(gaps))
    sentences = [total % {"n": len(gaps), "parts": parts}]
    busiest = next(((closer, n) for closer, n in closers if not closer.is_role), None)
    if busiest:
        most = ngettext("%(who)s can close %(n)d of them.", "%(who)s can close %(n)d of them.", busiest[1])
        sentences.append(most % {"who": busiest[0].name, "n": busiest[1]})
    return " ".join(sentences)


def _objectives(gaps: Iterable[Gap]) -> tuple[Objective, ...]:
    found = {gap.objective.pk: gap.objective for gap in gaps if gap.objective}
    return tuple(sorted(found.values(), key=lambda objective: (objective.order, objective.code)))


def _shade(number: int, deepest: int) -> int:
    return 0 if number == 0 else 1 + (number - 1) * (DEEPEST - 1) // max(deepest - 1, 1)


def _age(gap: Gap, today: date) -> str:
    return timesince(gap.since, today, depth=1) if gap.since and gap.since < today else ""


def _with_next(url: str, back: str) -> str:
    address, hash_sign, anchor = url.partition("#")
    return f"{address}{'&' if '?' in address else '?'}{urlencode({'next': back})}{hash_sign}{anchor}"
