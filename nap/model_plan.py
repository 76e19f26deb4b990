"""The model plan as it is quoted, with our reading of it beside it and never in it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from indicators.models import Indicator, Kind, ScaleStep
from objectives.models import Activity, Objective, Plan, ProbableActor


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of a quoted text. `meaning` is what its glossary says the piece stands for; `note` is the number of our
    note on the words used today, 0 for none. The pieces put together are the text, character for character."""

    text: str
    meaning: str = ""
    note: int = 0


Segments = tuple[Segment, ...]


@dataclass(frozen=True, slots=True)
class Note:
    """Words of the source and the words used today: ours."""

    number: int
    quoted: str
    today: str


class Words:
    """The glossary of a quoted plan and our notes on its words, applied to its texts."""

    def __init__(self, terms: Iterable[tuple[str, str, str]], wordings: Iterable[tuple[str, str]]) -> None:
        """`terms` are abbreviation, meaning, today's term or nothing; `wordings` words of the text and today's."""
        self.notes: list[Note] = []
        self._known: dict[str, Segment] = {}  # by the piece as it stands in a text, in lower case for wordings
        patterns = []
        for quoted, today in wordings:
            self._known[quoted.lower()] = Segment(quoted, note=self._add_note(quoted, today))
            patterns.append((quoted, f"(?i:{re.escape(quoted)})"))
        for abbreviation, meaning, today in terms:
            segment = Segment(abbreviation, meaning, self._add_note(abbreviation, today) if today else 0)
            one = abbreviation.removesuffix("s")
            self._known[one] = self._known[f"{one}s"] = segment
            patterns.append((abbreviation, f"{re.escape(one)}s?"))
        longest_first = [pattern for _text, pattern in sorted(patterns, key=lambda pair: -len(pair[0]))]
        self._pattern = re.compile(rf"(?<!\w)(?:{'|'.join(longest_first)})(?!\w)") if longest_first else None

    def _add_note(self, quoted: str, today: str) -> int:
        self.notes.append(Note(len(self.notes) + 1, quoted, today))
        return len(self.notes)

    def split(self, text: str, noted: set[int] | None = None) -> Segments:
        """The text in pieces. A note in `noted` is not repeated; new ones are added to it. None leaves all notes out."""
        if self._pattern is None:
            return (Segment(text),)
        segments, end = [], 0
        for match in self._pattern.finditer(text):
            if match.start() > end:
                segments.append(Segment(text[end : match.start()]))
            known = self._known.get(match[0]) or self._known[match[0].lower()]
            note = 0 if noted is None or known.note in noted else known.note
            if noted is not None and note:
                noted.add(note)
            segments.append(Segment(match[0], known.meaning, note))
            end = match.end()
        if end < len(text) or not segments:
            segments.append(Segment(text[end:]))
        return tuple(segments)


@dataclass(frozen=True, slots=True)
class ModelIndicator:
    """An indicator of the model: the quoted words, and the row that holds our reading of them."""

    text: Segments
    reading: Indicator
    activities: tuple[Activity, ...]
    steps: tuple[ScaleStep, ...] = ()

    @property
    def kind(self) -> str:
        """Our kind in words, with the scale's name."""
        label = str(Kind(self.reading.kind).label)
        return f"{label}: {self.reading.scale}" if self.reading.scale_id else label


@dataclass(frozen=True, slots=True)
class ModelActivity:
    text: Segments
    activity: Activity


@dataclass(frozen=True, slots=True)
class ModelActors:
    """A line of the third column, and the generic actors that we read it to name (on an objective's own page)."""

    text: Segments
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ModelRow:
    """One objective of the model with its three other columns."""

    objective: Objective
    text: Segments
    activities: tuple[ModelActivity, ...]
    actors: tuple[ModelActors, ...]
    indicators: tuple[ModelIndicator, ...]


@dataclass(frozen=True, slots=True)
class ModelPlan:
    plan: Plan
    preface: tuple[Segments, ...]
    rows: tuple[ModelRow, ...]
    notes: tuple[Note, ...]


def words_of(plan: Plan) -> Words:
    """The plan's glossary and our notes on its words. Two queries."""
    return Words(
        plan.terms.values_list("abbreviation", "meaning", "todays_term"),
        plan.wordings.values_list("quoted", "todays_term"),
    )


def model_plan(plan: Plan) -> ModelPlan:
    """The whole model in its four columns. Seven queries."""
    words = words_of(plan)
    activities = _grouped(Activity.objects.of(plan))
    actors = _grouped(ProbableActor.objects.of(plan))
    indicators = _grouped(Indicator.objects.of(plan).select_related("scale"))
    measured = _measured(plan, {one.pk: one for ones in activities.values() for one in ones})
    rows = []
    for objective in plan.objectives.select_related("area"):
        pk = objective.pk
        rows.append(_row(words, objective, activities[pk], actors[pk], indicators[pk], measured))
    return ModelPlan(
        plan=plan,
        preface=tuple(words.split(part) for part in plan.preface.split("\n\n") if part.strip()),
        rows=tuple(rows),
        notes=tuple(words.notes),
    )


def model_objective(plan: Plan, objective: Objective) -> tuple[ModelRow, tuple[Note, ...]]:
    """One objective of the model with all that we read into it, and the notes on its words. Nine queries."""
    words = words_of(plan)
    scales: dict[int, list[ScaleStep]] = defaultdict(list)
    for step in ScaleStep.objects.of(plan).order_by("scale", "order", "score"):
        scales[step.scale_id].append(step)
    activities = {one.pk: one for one in Activity.objects.of(plan)}
    lines = list(objective.probable_actors.prefetch_related("actors"))
    row = _row(
        words,
        objective,
        [one for one in activities.values() if one.objective_id == objective.pk],
        lines,
        list(objective.indicators.select_related("scale")),
        _measured(plan, activities),
        names={line.pk: tuple(str(actor) for actor in line.actors.all()) for line in lines},
        scales=scales,
    )
    texts = [row.text, *(one.text for column in (row.activities, row.actors, row.indicators) for one in column)]
    used = {segment.note for text in texts for segment in text}
    return row, tuple(note for note in words.notes if note.number in used)


def _grouped(rows: Iterable[Any]) -> dict[int, list]:
    groups: dict[int, list] = defaultdict(list)
    for row in rows:
        groups[row.objective_id].append(row)
    return groups


def _measured(plan: Plan, activities: dict[int, Activity]) -> dict[int, list[Activity]]:
    """The activities that each indicator measures, by its id, in the order of the plan."""
    place = {pk: n for n, pk in enumerate(activities)}
    pairs = Indicator.activities.through.objects.filter(indicator__objective__plan=plan)
    measured: dict[int, list[Activity]] = defaultdict(list)
    for indicator, activity in sorted(pairs.values_list("indicator", "activity"), key=lambda pair: place[pair[1]]):
        measured[indicator].append(activities[activity])
    return measured


def _row(
    words: Words,
    objective: Objective,
    activities: list[Activity],
    actors: list[ProbableActor],
    indicators: list[Indicator],
    measured: dict[int, list[Activity]],
    *,
    names: dict[int, tuple[str, ...]] | None = None,
    scales: dict[int, list[ScaleStep]] | None = None,
) -> ModelRow:
    """The row of an objective; each note on a word stands once in it, at the first place."""
    noted: set[int] = set()
    return ModelRow(
        objective=objective,
        text=words.split(objective.title, noted),
        activities=tuple(ModelActivity(words.split(one.title, noted), one) for one in activities),
        actors=tuple(ModelActors(words.split(one.text, noted), (names or {}).get(one.pk, ())) for one in actors),
        indicators=tuple(
            ModelIndicator(
                text=words.split(one.title, noted),
                reading=one,
                activities=tuple(measured[one.pk]),
                steps=tuple((scales or {}).get(one.scale_id or 0, ())),
            )
            for one in indicators
        ),
    )
