"""What the demonstration tells, read from the TOML files beside this module and from the model plan's fixture."""

from __future__ import annotations

import json
import tomllib
import zlib
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
MODEL_PLAN = HERE.parent.parent / "fixtures" / "model_plan.json"
COUNTRY = "XM"  # user-assigned in ISO 3166-1, so that no country will ever have it
COMMITTEE = "national-committee"

Row = dict[str, Any]  # what TOML and JSON hold; the fixture is loaded, so the models check it


@dataclass(frozen=True, slots=True)
class Role:
    """A role of a person in an organisation, from a day until another."""

    email: str
    actor: str
    role: str
    starts_on: date
    ends_on: date | None

    def holds_on(self, day: date) -> bool:
        return self.starts_on <= day and (self.ends_on is None or day <= self.ends_on)


class Story:
    """The TOML files as dictionaries by key, and who held which role when."""

    def __init__(self) -> None:
        organisations = _read("organisations")
        plan = _read("plan")
        self.countries: list[Row] = organisations["countries"]
        self.actors: list[Row] = [{"country": COUNTRY, **actor} for actor in organisations["actors"]]
        self.people: list[Row] = organisations["people"]
        self.plan: Row = plan.pop("plan")
        self.draft: Row = plan.pop("draft")
        self.parts: dict = plan
        self.activities: dict[str, Row] = _read("activities")
        self.activity_reports: dict[str, list[Row]] = _read("activity_reports")
        self.indicators: dict[str, Row] = _read("indicators_1") | _read("indicators_2")
        self.edition = str(self.plan["edition"])

    @cached_property
    def roles(self) -> list[Role]:
        return [
            Role(str(person["email"]), role["actor"], role["role"], role["from"], role.get("until"))
            for person in self.people
            for role in person.get("roles", [])
        ]

    def chain(self, actor: str) -> list[str]:
        """The actor and those that it is part of, upwards."""
        parents = {str(one["key"]): one.get("parent") for one in self.actors}
        chain: list[str] = []
        above: str | None = actor
        while above is not None:
            chain.append(above)
            above = parents[above]
        return chain

    def author(self, actor: str, role: str, day: date) -> str:
        """The e-mail of the person who writes for `actor` on `day`: of its own, or of one that it is part of."""
        for key in self.chain(actor):
            for held in self.roles:
                if held.actor == key and held.role == role and held.holds_on(day):
                    return held.email
        raise LookupError(f"Nobody is {role} of {actor} on {day}.")

    def verifier(self, actors: set[str], salt: str) -> str:
        """The e-mail of a verifier who has no role in the organisations of a report, above or below them."""
        above = {key for actor in actors for key in self.chain(actor)}
        eligible = []
        for held in self.roles:
            own = {role.actor for role in self.roles if role.email == held.email}
            is_free = not above & own and not any(actors & set(self.chain(key)) for key in own)
            if held.role == "verifier" and is_free:
                eligible.append(held.email)
        return eligible[spread(salt, len(eligible))]


def _read(name: str) -> dict:
    return tomllib.loads((HERE / f"{name}.toml").read_text(encoding="utf-8"))


def read_model() -> dict[str, dict[str, Row]]:
    """The rows of the model plan's fixture: by model name, then by key, in the order of the file."""
    rows: dict[str, dict[str, Row]] = {}
    for row in json.loads(MODEL_PLAN.read_text(encoding="utf-8")):
        name = row["model"].split(".")[1]
        key = str(row["fields"].get("key") or row["fields"]["edition"])
        rows.setdefault(name, {})[key] = row["fields"]
    return rows


def spread(salt: str, size: int) -> int:
    """A number from 0 to `size` − 1 that follows from `salt`: the same in every run, unlike `random` and `hash`."""
    return zlib.crc32(salt.encode()) % size


def working_day(day: date) -> date:
    """The day itself, or the Monday after it."""
    return day + timedelta(days=(7 - day.weekday()) % 7 if day.weekday() > 4 else 0)
