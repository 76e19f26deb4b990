"""The rows of countries, organisations, people and plans."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from nap.demonstration.fixture import Fixture, decimal
from nap.demonstration.story import COUNTRY, Row, Story

MODEL = [None, "ecpat"]
# The "!" makes Django refuse every password.
UNUSABLE_PASSWORD = "!only-loaddemo-sets-one"  # noqa: S105  # nosec B105
PLAN_START = datetime(2024, 7, 1, 8, tzinfo=UTC)


def add_organisations(fixture: Fixture, story: Story) -> None:
    for country in story.countries:
        fixture.add("actors.country", **country)
    # A successor stands before the one it succeeds, and a parent before its parts.
    for actor in sorted(story.actors, key=lambda one: "succeeded_by" in one):
        country = actor["country"]
        fixture.add(
            "actors.actor",
            country=[country],
            key=actor["key"],
            kind=actor["kind"],
            name=actor["name"],
            acronym=actor.get("acronym"),
            parent=[country, actor["parent"]] if "parent" in actor else None,
            ended_on=actor.get("ended_on"),
            succeeded_by=[country, actor["succeeded_by"]] if "succeeded_by" in actor else None,
            stands_for=[[None, key] for key in actor.get("stands_for", [])],
        )


def add_people(fixture: Fixture, story: Story) -> None:
    """People with passwords that open nothing: loaded in production by mistake, the file makes no way in."""
    for person in story.people:
        is_administrator = bool(person.get("is_platform_administrator"))
        fixture.add(
            "actors.user",
            email=person["email"],
            name=person["name"],
            password=UNUSABLE_PASSWORD,
            is_staff=is_administrator,
            is_superuser=is_administrator,
            date_joined=_joined(story, str(person["email"])),
        )
    countries = {actor["key"]: actor["country"] for actor in story.actors}
    for held in story.roles:
        fixture.add(
            "actors.membership",
            user=[held.email],
            actor=[countries[held.actor], held.actor],
            role=held.role,
            starts_on=held.starts_on,
            ends_on=held.ends_on,
        )


def _joined(story: Story, email: str) -> datetime:
    starts = [held.starts_on for held in story.roles if held.email == email]
    return datetime.combine(min(starts), time(8), tzinfo=UTC) if starts else PLAN_START


def add_plan(fixture: Fixture, story: Story, model: dict[str, dict[str, Row]]) -> None:
    """Marevia's plan, taken from the model and adapted."""
    plan = [COUNTRY, story.edition]
    fixture.add("objectives.plan", **story.plan | {"country": [COUNTRY], "model": MODEL})
    for key, area in model["area"].items():
        fixture.add(
            "objectives.area", plan=plan, key=key, order=area["order"], name=area["name"], model_area=[*MODEL, key]
        )
    for key, objective in model["objective"].items():
        title = story.parts["objectives"].get(key)
        fixture.add(
            "objectives.objective",
            plan=plan,
            key=key,
            order=objective["order"],
            code=objective["code"],
            title=title or objective["title"],
            area=[*plan, objective["area"][2]],
        )
        _cover(fixture, "objectivecoverage", plan, key, is_adapted=bool(title))
    for order, term in enumerate(story.parts["terms"], start=1):
        fixture.add("objectives.term", plan=plan, order=order, **term)
    _add_activities(fixture, story, model, plan)
    _add_omissions(fixture, story, plan)
    _add_scales(fixture, model, plan)
    _add_indicators(fixture, story, model, plan)
    for ends_on in period_ends(story):
        due_on = ends_on + timedelta(days=story.parts["periods"]["due_after_days"])
        is_locked = ends_on in story.parts["periods"]["locked"]
        fixture.add("indicators.reportingperiod", plan=plan, ends_on=ends_on, due_on=due_on, locked=is_locked)


def period_ends(story: Story) -> list[date]:
    """The last days of the plan's half-years, the first on 31 December 2024."""
    starts_on, ends_on = story.plan["starts_on"], story.plan["ends_on"]
    ends: list[date] = []
    for year in range(starts_on.year, ends_on.year + 1):
        ends += [end for end in (date(year, 6, 30), date(year, 12, 31)) if starts_on < end <= ends_on]
    return ends


def _cover(fixture: Fixture, name: str, plan: list, key: str, *, is_adapted: bool) -> None:
    app = "indicators" if name == "indicatorcoverage" else "objectives"
    manner = "adapted" if is_adapted else "adopted"
    fixture.add(f"{app}.{name}", item=[*plan, key], model_item=[*MODEL, key], manner=manner)


def _add_activities(fixture: Fixture, story: Story, model: dict[str, dict[str, Row]], plan: list) -> None:
    """In the order of the file, numbered anew within each objective, since some of the model's are left out."""
    numbers: dict[str, int] = {}
    for key, activity in story.activities.items():
        objective = key.split("-")[0]
        order = numbers[objective] = numbers.get(objective, 0) + 1
        of_model: Row = model["activity"].get(key, {})  # empty for an activity that is Marevia's alone
        starts_on, ends_on = activity.get("dates", (None, None))
        fixture.add(
            "objectives.activity",
            objective=[*plan, objective],
            key=key,
            order=order,
            code=f"{objective.removeprefix('o')}.{order}",
            title=activity.get("title") or of_model.get("title"),
            starts_on=starts_on,
            ends_on=ends_on,
        )
        if of_model:
            _cover(fixture, "activitycoverage", plan, key, is_adapted="title" in activity)
        for number, (title, due_on, *done_on) in enumerate(activity.get("milestones", []), start=1):
            fixture.add(
                "objectives.milestone",
                activity=[*plan, key],
                key=f"{key}-m{number}",
                title=title,
                due_on=due_on,
                done_on=done_on[0] if done_on else None,
            )
        roles = [("lead", activity["lead"])] if "lead" in activity else []
        roles += [("contributor", actor) for actor in activity.get("with", [])]
        for role, actor in roles:
            fixture.add("objectives.responsibility", activity=[*plan, key], actor=[COUNTRY, actor], role=role)


def _add_omissions(fixture: Fixture, story: Story, plan: list) -> None:
    for omission in story.parts["omissions"]:
        fields = {name: value for name, value in omission.items() if name != "activity"}
        fixture.add("objectives.omission", plan=plan, model_activity=[*MODEL, omission["activity"]], **fields)


def _add_scales(fixture: Fixture, model: dict[str, dict[str, Row]], plan: list) -> None:
    for key, scale in model["scale"].items():
        fixture.add("indicators.scale", plan=plan, key=key, name=scale["name"])
    for step in model["scalestep"].values():
        fixture.add("indicators.scalestep", **step | {"scale": [*plan, step["scale"][2]]})


def _add_indicators(fixture: Fixture, story: Story, model: dict[str, dict[str, Row]], plan: list) -> None:
    for key, of_model in model["indicator"].items():
        given = story.indicators[key]
        fixture.add("indicators.indicator", **indicator_fields(story, key, of_model, given, plan))
        _cover(fixture, "indicatorcoverage", plan, key, is_adapted="title" in given)
        for due_on, value in given.get("targets", []):
            level = {"step": step_of(of_model, value, plan)} if "scale" in of_model else {"value": decimal(value)}
            fixture.add("indicators.target", indicator=[*plan, key], due_on=due_on, **level)


def step_of(of_model: Row, number: object, plan: list) -> list:
    """The natural key of a step of the plan's own copy of the indicator's scale."""
    return [*plan, f"{of_model['scale'][2]}-{number}"]


def indicator_fields(story: Story, key: str, of_model: Row, given: Row, plan: list) -> Row:
    """An indicator as Marevia measures it: the model's kind and level, its own words, baseline and sources."""
    activities = {activity[2] for activity in of_model.get("activities", [])}
    activities |= {name for name, one in story.activities.items() if key in one.get("indicators", [])}
    if "o9-a2" in activities:  # left out; advice on parental controls is part of 9.1
        activities.add("o9-a1")
    base: Row = {}
    if "base" in given:
        is_scale = "scale" in of_model
        base = {"baseline_on": given.get("base_on", date(2024, 6, 30))}
        base |= (
            {"baseline_step": step_of(of_model, given["base"], plan)}
            if is_scale
            else {"baseline_value": decimal(given["base"])}
        )
    copied = ("order", "code", "level", "kind", "accumulation", "frequency", "is_headline", "is_sensitive")
    return {
        "objective": [*plan, key.split("-")[0]],
        "key": key,
        **{name: of_model[name] for name in (*copied, "counts_children") if name in of_model},
        "title": given.get("title") or of_model["title"],
        "measured_as": given["measured"],
        "activities": [[*plan, name] for name in story.activities if name in activities],
        "scale": [*plan, of_model["scale"][2]] if "scale" in of_model else None,
        "unit": given.get("unit") or of_model.get("unit"),
        "direction": given.get("direction", of_model["direction"]),
        "low": decimal(given["low"]) if "low" in given else None,
        "high": decimal(given["high"]) if "high" in given else None,
        "minimum_change": decimal(given.get("change", of_model.get("minimum_change", "0"))),
        **base,
        "starts_from_zero": given.get("from_zero", False),
        "no_baseline_reason": given.get("no_base"),
        "means_of_verification": given.get("means"),
        "data_source": given.get("source"),
        "reporting_actor": [COUNTRY, given["actor"]] if "actor" in given else None,
        "contributors": [[COUNTRY, actor] for actor in given.get("contributors", [])],
        "weight": Decimal(f"{given.get('weight', 1)}.00"),
    }


def add_draft(fixture: Fixture, story: Story, model: dict[str, dict[str, Row]]) -> None:
    """The second country's plan: a private draft, with words straight from the model."""
    draft = dict(story.draft)
    omission = draft.pop("omission")
    chosen = {name: draft.pop(name) for name in ("objectives", "activities", "indicators")}
    plan = [draft["country"], draft["edition"]]
    fixture.add("objectives.plan", **draft | {"country": [draft["country"]], "model": MODEL})
    for key in chosen["objectives"]:
        fields = {name: model["objective"][key][name] for name in ("order", "code", "title")}
        fixture.add("objectives.objective", plan=plan, key=key, **fields)
        _cover(fixture, "objectivecoverage", plan, key, is_adapted=False)
    for key in chosen["activities"]:
        fields = {name: model["activity"][key][name] for name in ("order", "code", "title")}
        fixture.add("objectives.activity", objective=[*plan, key.split("-")[0]], key=key, **fields)
        _cover(fixture, "activitycoverage", plan, key, is_adapted=False)
    scales = {model["indicator"][key]["scale"][2] for key in chosen["indicators"]}
    for key in sorted(scales):
        fixture.add("indicators.scale", plan=plan, key=key, name=model["scale"][key]["name"])
    for step in model["scalestep"].values():
        if step["scale"][2] in scales:
            fixture.add("indicators.scalestep", **step | {"scale": [*plan, step["scale"][2]]})
    for key in chosen["indicators"]:
        of_model = model["indicator"][key]
        names = ("order", "code", "title", "measured_as", "level", "kind", "direction", "accumulation", "frequency")
        fixture.add(
            "indicators.indicator",
            objective=[*plan, key.split("-")[0]],
            key=key,
            scale=[*plan, of_model["scale"][2]],
            **{name: of_model[name] for name in names},
        )
        _cover(fixture, "indicatorcoverage", plan, key, is_adapted=False)
    fixture.add(
        "indicators.indicatoromission",
        plan=plan,
        model_indicator=[*MODEL, omission["indicator"]],
        kind="left_out",
        reason=omission["reason"],
    )
