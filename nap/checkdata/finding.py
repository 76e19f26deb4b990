"""What a rule says of a row that breaks it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db import models


@dataclass(frozen=True)
class Finding:
    """A row that breaks a rule. `key` is its natural key, as in files: "XA/2024-2029/o1"."""

    rule: str
    model: str
    key: str
    found: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.model} {self.key}: {self.found} [{self.rule}] {self.remedy}"


Rows = TypeVar("Rows", bound=models.QuerySet)
Rule = Callable[[str | None], Iterator[Finding]]


def key_of(row: Any) -> str:
    """The natural key as text. The caller has selected what it reads."""
    return "/".join("model" if part is None else str(part) for part in row.natural_key())


def finding(rule: str, row: Any, found: str, remedy: str) -> Finding:
    return Finding(rule, row._meta.label_lower, key_of(row), found, remedy)


def of_country(rows: Rows, path: str, code: str | None) -> Rows:
    """Those of the country with this code; all where it is None."""
    return rows.filter(**{f"{path}__code": code}) if code else rows
