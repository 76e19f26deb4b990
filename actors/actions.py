"""Writes that every app's forms go through, edits checked against a version and forms that count once; and writes on
actors and memberships."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import TypeVar

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from actors.models import (
    Actor,
    Country,
    FormToken,
    Membership,
    Role,
    User,
    Versioned,
    is_platform_administrator,
    validate_membership,
)
from actors.permissions import can_coordinate, can_invite_to

Row = TypeVar("Row", bound=Versioned)


class EditConflict(Exception):
    """Somebody else saved the row since the form was opened, or deleted it.

    `current` is the row as it is stored now; None where it is gone.
    """

    def __init__(self, current: Versioned | None) -> None:
        super().__init__("deleted" if current is None else f"{current._meta.verbose_name} {current.pk}")
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
            raise EditConflict(model._default_manager.filter(pk=row.pk).first())
        before, row.version = row.version, version + 1
        try:
            save_new(row, by=by, with_history=with_history)
        except BaseException:
            row.version = before  # nothing was stored: the same row can be sent again
            raise
    return row


def save_new(row: Row, *, by: User, with_history: bool = True) -> Row:
    """Store `row` and name `by` as the one who did it in its history; drafts leave no history."""
    row._history_user = by
    if with_history:
        row.save()
    else:
        row.save_without_historical_record()
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


@contextmanager
def refusing_duplicates(field: str, message: str | Promise) -> Iterator[None]:
    """Say `message` at `field` where a uniqueness that the form had found kept is broken a moment later.

    Raises ValidationError; nothing of what ran inside is stored then.
    """
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        raise ValidationError({field: message}) from error


def save_actor(*, actor: Actor, version: int, stands_for: Iterable[Actor], by: User) -> Actor:
    """Store a new or edited actor of a country and the generic actors whose part it plays. Raises EditConflict."""
    if not can_coordinate(by, actor.country):
        raise PermissionDenied
    with refusing_duplicates("name", _("The country has an actor of this name already.")):
        if actor.pk is None:
            save_new(actor, by=by)
        else:
            save_edit(actor, version=version, by=by)
        actor.stands_for.set(stands_for)
    return actor


def let_stand_for(*, actor: Actor, generic: Actor, by: User) -> Actor:
    """Note that `actor` plays the part of `generic`, an actor of the model, beside the parts that it has."""
    return save_actor(
        actor=actor, version=actor.version, stands_for=[*actor.stands_for.all(), generic], by=by
    )  # its own version: nothing is taken away, and an older form that lists its parts meets its conflict


def invite(
    *, email: str, name: str, actor: Actor, role: str, starts_on: date, by: User, tell: Callable[[Membership], None]
) -> Membership:
    """Give the person with this address `role` in `actor` from a day on, with a new account where there is none.

    `tell` writes to the person; it is called once all is stored. A person who has an account keeps their own name.
    Raises ValidationError, by field, and PermissionDenied.
    """
    if not can_invite_to(by, actor):
        raise PermissionDenied
    validate_membership(actor, role)
    email = email.strip().lower()
    taken = _("This person holds this role already, or will from a later day.")
    with refusing_duplicates("email", taken):
        person = User.objects.filter(email=email).first()
        if person is None:
            person = User(email=email, name=name)
            person.set_unusable_password()
            save_new(person, by=by)  # type: ignore[type-var]  # an account has no version
        held = Membership.objects.filter(user=person, actor=actor, role=role)
        if held.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=starts_on)).exists():
            raise ValidationError({"email": taken})
        membership = save_new(Membership(user=person, actor=actor, role=role, starts_on=starts_on), by=by)
    # Robust: the membership stands even where the mail cannot be handed over, and the server's log says so.
    transaction.on_commit(lambda: tell(membership), robust=True)
    return membership


def end_membership(*, membership: Membership, version: int, last_day: date, by: User) -> None:
    """Let `membership` hold until `last_day` and no longer; one that begins later is deleted, and its history stays.

    Raises EditConflict, PermissionDenied, and ValidationError where the country would be left without a coordinator.
    """
    if not can_invite_to(by, membership.actor):
        raise PermissionDenied
    with transaction.atomic():
        # One at a time, so that the last two coordinators cannot end each other.
        Country.objects.select_for_update().get(pk=membership.actor.country_id)
        if membership.role == Role.COORDINATOR and not is_platform_administrator(by):
            _check_that_somebody_coordinates(membership, after=last_day)
        membership.ends_on = max(last_day, membership.starts_on)
        save_edit(membership, version=version, by=by)
        if last_day < membership.starts_on:
            membership.delete()


def _check_that_somebody_coordinates(membership: Membership, *, after: date) -> None:
    others = Membership.objects.current(min(after, date.max - timedelta(days=1)) + timedelta(days=1)).exclude(
        pk=membership.pk
    )
    if not others.filter(role=Role.COORDINATOR, actor__country=membership.actor.country_id).exists():
        raise ValidationError(
            _("This is the country’s last coordinator. Invite another one first; nobody could edit the plan otherwise.")
        )
