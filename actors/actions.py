"""Writes that every app's forms go through: edits checked against a version, and forms that count once."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import TypeVar

from django.db import IntegrityError, transaction
from django.db.models import F

from actors.models import FormToken, User, Versioned

Row = TypeVar("Row", bound=Versioned)


class EditConflict(Exception):
    """Somebody else saved the row since the form was opened. `current` is the row as it is stored now."""

    def __init__(self, current: Versioned) -> None:
        super().__init__(f"{current._meta.verbose_name} {current.pk} is at version {current.version}")
        self.current = current


def save_edit(row: Row, *, version: int, by: User, with_history: bool = True) -> Row:
    """Store the edited `row`, whose form was opened at `version`, with its history; one transaction.

    Raises EditConflict where the stored row has moved on, and stores nothing then. `filter().update()` decides, and
    the `save()` after it writes the history row, because an update alone leaves none.
    """
    model = type(row)
    with transaction.atomic():
        stored = model._default_manager.filter(pk=row.pk, version=version)
        if not stored.update(version=F("version") + 1):
            raise EditConflict(model._default_manager.get(pk=row.pk))
        row.version = version + 1
        save_new(row, by=by, with_history=with_history)
    return row


def save_new(row: Row, *, by: User, with_history: bool = True) -> Row:
    """Store `row` and name `by` as the one who did it in its history; drafts leave no history."""
    row._history_user = by  # type: ignore[attr-defined]
    if with_history:
        row.save()
    else:
        row.save_without_historical_record()  # type: ignore[attr-defined]
    return row


def write_once(*, token: uuid.UUID, by: User, write: Callable[[], str]) -> str:
    """Run `write` unless the form with this one-time `token` was sent before; the address to go to, either way.

    The token is spent in the same transaction as what `write` stores, so a second click waits for the first, finds
    the token spent and gets the first one's answer. What `write` raises is passed on, with the token unspent.
    """
    first = FormToken.objects.filter(token=token, user=by).first()
    if first:
        return first.answer
    try:
        with transaction.atomic():
            spent = FormToken.objects.create(token=token, user=by)
            spent.answer = write()
            spent.save(update_fields=["answer"])
            return spent.answer
    except IntegrityError:
        first = FormToken.objects.filter(token=token, user=by).first()
        if first is None:
            raise
        return first.answer
