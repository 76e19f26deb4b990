"""People, the roles they hold in actors, the rights that follow, and the forms they have sent."""

from __future__ import annotations

import uuid
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, BaseUserManager, PermissionsMixin
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from actors.models.base import Versioned
from actors.models.organisations import Actor, ActorKind


class UserQuerySet(models.QuerySet):
    def delete(self) -> tuple[int, dict[str, int]]:
        """Refused, as `User.delete` is."""
        raise models.ProtectedError(_("Accounts are never deleted, but made inactive."), set(self))

    def visible_to(self, user) -> UserQuerySet:
        """People whom `user` may look up: those with a membership in a country that they coordinate; all for platform
        administrators."""
        if is_platform_administrator(user):
            return self
        return self.filter(memberships__actor__country__in=rights_of(user).countries_as(Role.COORDINATOR)).distinct()


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):  # type: ignore[misc]  # from_queryset builds it at run time
    def get_by_natural_key(self, email: str) -> User:
        return self.get(email=email.lower())

    def create_user(self, email: str, password: str | None = None, **fields) -> User:
        """A person with an account; without a password they set one through "Forgotten your password?"."""
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields) -> User:
        """A platform administrator."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """A person who signs in with an e-mail address. What they may do follows from their memberships alone."""

    email = models.EmailField(_("e-mail address"), max_length=254, unique=True)
    name = models.CharField(_("name"), max_length=200)
    language = models.CharField(_("language"), max_length=12, default="en-gb")
    is_active = models.BooleanField(_("active"), default=True)
    is_staff = models.BooleanField(_("may open the administration site"), default=False)
    date_joined = models.DateTimeField(_("joined"), default=timezone.now, editable=False)

    history = HistoricalRecords(excluded_fields=["password", "last_login"])
    objects = UserManager()

    EMAIL_FIELD = "email"
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(condition=Q(email=Lower("email")), name="user_email_lower_case"),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    def natural_key(self) -> tuple[str]:
        return (self.email,)

    def clean(self) -> None:
        super().clean()
        self.email = self.email.strip().lower()

    def delete(self, *args, **kwargs) -> tuple[int, dict[str, int]]:
        """Refused, for good: what a person did stays in history with their name. An account that ends is deactivated."""
        raise models.ProtectedError(
            _("An account is never deleted, but made inactive: history names who did what."), {self}
        )

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name.split()[0] if self.name else self.email

    @property
    def is_platform_administrator(self) -> bool:
        return self.is_active and self.is_staff and self.is_superuser

    @property
    def rights(self) -> Rights:
        """This person's rights, read once per instance."""
        return rights_of(self)


class Role(models.TextChoices):
    """What a person does for an organisation (docs/roles.md)."""

    VIEWER = "viewer", _("Viewer")
    FOCAL_POINT = "focal_point", _("Focal point")
    VERIFIER = "verifier", _("Verifier")
    COORDINATOR = "coordinator", _("Coordinator")
    ANALYST = "analyst", _("Coalition analyst")


class MembershipQuerySet(models.QuerySet):
    def get_by_natural_key(
        self, email: str, country_code: str, actor_key: str, role: str, starts_on: str
    ) -> Membership:
        return self.get(
            user__email=email, actor__country__code=country_code, actor__key=actor_key, role=role, starts_on=starts_on
        )

    def current(self, on: date | None = None) -> MembershipQuerySet:
        """Memberships that hold on `on` (today where it is left out), of people whose account is active."""
        on = on or timezone.localdate()
        return self.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=on), starts_on__lte=on, user__is_active=True)

    def visible_to(self, user) -> MembershipQuerySet:
        """Memberships in the countries that `user` coordinates and in their own organisations."""
        if is_platform_administrator(user):
            return self
        return self.filter(
            Q(actor__country__in=rights_of(user).countries_as(Role.COORDINATOR))
            | Q(actor__in=rights_of(user).actor_ids)
        )


class Membership(Versioned):
    """A role of a person in an actor, from one day until another. Access ends with the request after the last day."""

    user = models.ForeignKey(User, verbose_name=_("person"), on_delete=models.PROTECT, related_name="memberships")
    actor = models.ForeignKey(Actor, verbose_name=_("actor"), on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(_("role"), max_length=20, choices=Role)
    starts_on = models.DateField(_("from"), default=timezone.localdate)
    ends_on = models.DateField(_("until"), null=True, blank=True)

    history = HistoricalRecords()
    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        ordering = ["actor__name", "role", "starts_on"]
        constraints = [
            models.UniqueConstraint(fields=["user", "actor", "role", "starts_on"], name="membership_once_a_day"),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")), name="membership_ends_after_start"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}, {self.get_role_display()}, {self.actor}"

    def natural_key(self) -> tuple[str, str, str, str, str]:
        country_code, key = self.actor.natural_key()
        return (self.user.email, country_code or "", key, self.role, self.starts_on.isoformat())

    def clean(self) -> None:
        if self.actor_id:
            validate_membership(self.actor, self.role)


def validate_membership(actor: Actor, role: str) -> None:
    """Raises ValidationError unless a person may hold `role` in `actor`."""
    if actor.country_id is None:
        raise ValidationError({"actor": _("People belong to a country's organisations, not to the model's actors.")})
    if actor.kind == ActorKind.CHILDREN:
        raise ValidationError({"actor": _("Children take part, but never have an account.")})
    if role == Role.ANALYST and not actor.can_assess:
        raise ValidationError({"role": _("Analysts belong to civil-society or independent organisations.")})
    if role in (Role.VERIFIER, Role.COORDINATOR) and actor.can_assess:
        raise ValidationError(
            {
                "role": _(
                    "Verifiers and coordinators belong to the committee or to public bodies, not to those who assess independently."
                )
            }
        )


@dataclass(frozen=True, slots=True)
class Rights:
    """The union of a person's current memberships: for each role, the actors and the countries it is held in."""

    actors: dict[str, frozenset[int]] = field(default_factory=dict)
    countries: dict[str, frozenset[int]] = field(default_factory=dict)

    @property
    def actor_ids(self) -> frozenset[int]:
        return frozenset().union(*self.actors.values())

    @property
    def country_ids(self) -> frozenset[int]:
        return frozenset().union(*self.countries.values())

    def actors_as(self, *roles: str) -> frozenset[int]:
        """Ids of the actors in which the person holds one of `roles`."""
        return frozenset().union(*(self.actors.get(role, frozenset()) for role in roles))

    def countries_as(self, *roles: str) -> frozenset[int]:
        """Ids of the countries in which the person holds one of `roles`."""
        return frozenset().union(*(self.countries.get(role, frozenset()) for role in roles))


NO_RIGHTS = Rights()


def is_platform_administrator(user: User | AnonymousUser) -> bool:
    """Looks after the platform: countries, first coordinators, first analysts; reads no drafts."""
    return user.is_authenticated and user.is_platform_administrator


def rights_of(user: User | AnonymousUser) -> Rights:
    """The rights of `user`, from one query the first time; a request's user is a new instance each time."""
    if not user.is_authenticated or not user.is_active:
        return NO_RIGHTS
    if not hasattr(user, "_rights"):
        actors: dict[str, set[int]] = defaultdict(set)
        countries: dict[str, set[int]] = defaultdict(set)
        rows = Membership.objects.current().filter(user=user).values_list("role", "actor_id", "actor__country_id")
        for role, actor_id, country_id in rows:
            actors[role].add(actor_id)
            countries[role].add(country_id)
        user._rights = Rights(  # type: ignore[union-attr]  # kept on the request's own instance
            {role: frozenset(ids) for role, ids in actors.items()},
            {role: frozenset(ids) for role, ids in countries.items()},
        )
    return user._rights  # type: ignore[union-attr]  # set above


class FormToken(models.Model):
    """A form that was sent: its one-time token, and the address that its first sending led to."""

    token = models.UUIDField(_("token"), primary_key=True, default=uuid.uuid4)
    user = models.ForeignKey(User, verbose_name=_("person"), on_delete=models.CASCADE, related_name="+")
    answer = models.CharField(_("address answered"), max_length=500, blank=True)
    spent_at = models.DateTimeField(_("spent at"), auto_now_add=True)

    class Meta:
        verbose_name = _("form token")
        verbose_name_plural = _("form tokens")

    def __str__(self) -> str:
        return str(self.token)
