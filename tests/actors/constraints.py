"""How a test asks which named constraint refused a write, on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.apps import apps
from django.db import IntegrityError, models, transaction


def constraints_of(app_label: str) -> Iterator[tuple[type[models.Model], models.BaseConstraint]]:
    """Every constraint that the models of one app declare."""
    for model in apps.get_app_config(app_label).get_models(include_auto_created=True):
        for constraint in model._meta.constraints:
            yield model, constraint


def names_of(app_label: str) -> set[str]:
    return {constraint.name for _, constraint in constraints_of(app_label)}


def _by_columns() -> dict[str, str]:
    """Names of unique constraints by their columns, as SQLite writes them: "table.one, table.two"."""
    return {
        ", ".join(f"{model._meta.db_table}.{model._meta.get_field(name).column}" for name in constraint.fields): (
            constraint.name
        )
        for app in apps.get_app_configs()
        for model, constraint in constraints_of(app.label)
        if isinstance(constraint, models.UniqueConstraint) and constraint.fields
    }


def broken_constraint(error: IntegrityError) -> str:
    """The name of the constraint that the database says was broken.

    PostgreSQL names it. SQLite names a CHECK and an index over expressions, but a UNIQUE by its columns.
    """
    diagnostics = getattr(error.__cause__, "diag", None)
    if diagnostics:
        return diagnostics.constraint_name
    failed = str(error).partition(" constraint failed: ")[2]
    return _by_columns().get(failed, failed.removeprefix("index ").strip("'"))


def assert_refused(name: str, write: Callable[[], object]) -> None:
    """`write` breaks the constraint `name`, and the database says so."""
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        write()
    assert broken_constraint(refusal.value) == name
