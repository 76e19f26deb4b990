"""Activities, their milestones, and who is responsible for them or was thought of."""

from __future__ import annotations

from datetime import date

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from actors.models import Actor, ActorKind, Versioned
from objectives.models.plans import Objective, Plan, PlanPart, PlanPartQuerySet


class ObjectivePartQuerySet(PlanPartQuerySet):
    to_plan = "objective__plan"


class ActivityQuerySet(ObjectivePartQuerySet):
    def without_lead(self) -> ActivityQuerySet:
        return self.exclude(responsibilities__role=ResponsibilityRole.LEAD)


class Activity(PlanPart):
    """Something that an actor is to do towards an objective."""

    objective = models.ForeignKey(
        Objective, verbose_name=_("objective"), on_delete=models.CASCADE, related_name="activities"
    )
    order = models.PositiveSmallIntegerField(_("order"), default=0)
    code = models.CharField(_("code"), max_length=20)
    title = models.TextField(_("title"))
    starts_on = models.DateField(_("starts on"), null=True, blank=True)
    ends_on = models.DateField(_("ends on"), null=True, blank=True)
    actors = models.ManyToManyField(
        Actor, verbose_name=_("actors"), through="Responsibility", related_name="activities"
    )
    covers = models.ManyToManyField(
        "self", verbose_name=_("takes up"), through="ActivityCoverage", symmetrical=False, related_name="covered_by"
    )

    history = HistoricalRecords()
    objects = ActivityQuerySet.as_manager()

    class Meta:
        verbose_name = _("activity")
        verbose_name_plural = _("activities")
        ordering = ["objective__order", "order", "code"]
        constraints = [
            models.UniqueConstraint(fields=["objective", "key"], name="activity_key_in_objective"),
            models.UniqueConstraint(fields=["objective", "code"], name="activity_code_in_objective"),
            models.CheckConstraint(
                condition=Q(starts_on__isnull=True) | Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="activity_ends_after_start",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code}. {self.title}"

    @property
    def owning_plan(self) -> Plan:
        return self.objective.plan


class MilestoneQuerySet(PlanPartQuerySet):
    to_plan = "activity__objective__plan"

    def missed(self, on: date) -> MilestoneQuerySet:
        """Milestones due before `on` that are not done."""
        return self.filter(due_on__lt=on, done_on__isnull=True)


class Milestone(PlanPart):
    """A dated step of an activity."""

    activity = models.ForeignKey(
        Activity, verbose_name=_("activity"), on_delete=models.CASCADE, related_name="milestones"
    )
    title = models.CharField(_("title"), max_length=300)
    due_on = models.DateField(_("due on"))
    done_on = models.DateField(_("done on"), null=True, blank=True)

    history = HistoricalRecords()
    objects = MilestoneQuerySet.as_manager()

    class Meta:
        verbose_name = _("milestone")
        verbose_name_plural = _("milestones")
        ordering = ["due_on"]
        constraints = [models.UniqueConstraint(fields=["activity", "key"], name="milestone_key_in_activity")]

    def __str__(self) -> str:
        return self.title

    @property
    def owning_plan(self) -> Plan:
        return self.activity.owning_plan


class ProbableActor(PlanPart):
    """A line of the model's third column, word for word, and the generic actors that we read it to name."""

    objective = models.ForeignKey(
        Objective, verbose_name=_("objective"), on_delete=models.CASCADE, related_name="probable_actors"
    )
    order = models.PositiveSmallIntegerField(_("order"), default=0)
    text = models.TextField(_("text"))
    actors = models.ManyToManyField(Actor, verbose_name=_("actors named"), blank=True, related_name="probable_in")

    history = HistoricalRecords(m2m_fields=[actors])
    objects = ObjectivePartQuerySet.as_manager()

    class Meta:
        verbose_name = _("probable actor")
        verbose_name_plural = _("probable actors")
        ordering = ["objective__order", "order"]
        constraints = [models.UniqueConstraint(fields=["objective", "key"], name="probable_actor_key_in_objective")]

    def __str__(self) -> str:
        return self.text

    @property
    def owning_plan(self) -> Plan:
        return self.objective.plan


class ResponsibilityRole(models.TextChoices):
    LEAD = "lead", _("Lead")
    CO_LEAD = "co_lead", _("Co-lead")
    CONTRIBUTOR = "contributor", _("Contributor")


class ResponsibilityQuerySet(models.QuerySet):
    def get_by_natural_key(
        self, country_code: str | None, edition: str, activity_key: str, actor_country: str, actor_key: str
    ) -> Responsibility:
        activity = Activity.objects.get_by_natural_key(country_code, edition, activity_key)
        return self.get(activity=activity, actor=Actor.objects.get_by_natural_key(actor_country, actor_key))

    def leading(self) -> ResponsibilityQuerySet:
        return self.filter(role=ResponsibilityRole.LEAD)

    def visible_to(self, user) -> ResponsibilityQuerySet:
        """Those whose plan `user` may read."""
        return self.filter(activity__objective__plan__in=Plan.objects.visible_to(user))


class Responsibility(Versioned):
    """What an actor answers for in an activity. Each activity has one lead at most, and children never lead."""

    activity = models.ForeignKey(
        Activity, verbose_name=_("activity"), on_delete=models.CASCADE, related_name="responsibilities"
    )
    actor = models.ForeignKey(Actor, verbose_name=_("actor"), on_delete=models.PROTECT, related_name="responsibilities")
    role = models.CharField(_("role"), max_length=15, choices=ResponsibilityRole)

    history = HistoricalRecords()
    objects = ResponsibilityQuerySet.as_manager()

    class Meta:
        verbose_name = _("responsibility")
        verbose_name_plural = _("responsibilities")
        ordering = ["activity", "role", "actor__name"]
        constraints = [
            models.UniqueConstraint(fields=["activity", "actor"], name="responsibility_once"),
            models.UniqueConstraint(fields=["activity"], condition=Q(role="lead"), name="responsibility_one_lead"),
        ]

    def __str__(self) -> str:
        return f"{self.actor} ({self.get_role_display()})"

    def natural_key(self) -> tuple[str | None, str, str, str | None, str]:
        return (*self.activity.natural_key(), *self.actor.natural_key())

    def clean(self) -> None:
        if self.actor_id and self.activity_id:
            validate_responsibility(self.activity, self.actor, self.role)


def validate_responsibility(activity: Activity, actor: Actor, role: str) -> None:
    """Raises ValidationError unless `actor` may hold `role` in `activity`."""
    if actor.country_id != activity.owning_plan.country_id:
        raise ValidationError({"actor": _("The actor belongs to another country.")})
    if role != ResponsibilityRole.CONTRIBUTOR and actor.kind == ActorKind.CHILDREN:
        raise ValidationError({"actor": _("Children take part in an activity, but never lead it.")})
