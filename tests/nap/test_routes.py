"""Every address × every role × every method, against the table in tests/data/routes.txt.

The table is read by a person before it is committed: a new address, or one that answers somebody otherwise than before,
fails here until the table says so. `UPDATE_ROUTES=1 make test PYTEST="tests/nap/test_routes.py"` writes it anew.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from django.core.cache import cache
from django.urls import NoReverseMatch, URLPattern, get_resolver, reverse

from tests.factories import (
    make_activity,
    make_activity_report,
    make_actor,
    make_assessment,
    make_generic_actor,
    make_indicator,
    make_milestone,
    make_model_plan,
    make_objective,
    make_periods,
    make_plan,
    make_report,
)

TABLE = Path(__file__).parent.parent / "data" / "routes.txt"
ROLES = [
    "anonymous",
    "viewer",
    "focal_point",
    "analyst",
    "verifier",
    "coordinator",
    "platform_administrator",
    "stranger",
]
METHODS = ["get", "head", "options", "post", "put", "patch", "delete"]


def named_routes(resolver=None, namespace="") -> list[str]:
    """The name of every pattern that the resolver knows; the admin site's own are Django's to test."""
    names = []
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLPattern):
            names.append(f"{namespace}{pattern.name}")
        elif pattern.namespace != "admin":
            names += named_routes(pattern, f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace)
    return sorted(set(names))


@pytest.fixture
def world(plan, ministry, committee, ngo, coordinator):
    """A plan with one of everything, and what stands in the addresses of each route."""
    model = make_model_plan(edition="ecpat")
    plan.model = model
    plan.save()
    model_objective = make_objective(model)
    model_activity, model_indicator = (
        make_activity(model_objective),
        make_indicator(model_objective, reporting_actor=None),
    )
    objective = make_objective(plan)
    activity = make_activity(objective, lead=ministry)
    milestone = make_milestone(activity)
    indicator = make_indicator(objective, reporting_actor=ministry)
    first, second, third = make_periods(plan, count=3)
    generic = make_generic_actor()
    here = {"country": plan.country.slug, "edition": plan.edition}
    pk = {
        "report": make_report(indicator, first, state="submitted").pk,
        "report-correct": make_report(indicator, second).pk,
        "assessment-withdraw": make_assessment(indicator, first, ngo).pk,
        "activity-report": make_activity_report(activity, first, state="submitted").pk,
        "activity-report-correct": make_activity_report(activity, second).pk,
    }
    pk |= {"report-verify": pk["report"], "evidence-create": pk["report-correct"]}
    pk |= {"activity-report-verify": pk["activity-report"]}
    keys = {
        "activity": activity.key,
        "milestone": milestone.key,
        "indicator": indicator.key,
        "objective": objective.key,
        "actor": ministry.key,
    }
    return {
        "nap:model-objective": {"key": model_objective.key},
        "nap:objective": here | {"key": keys["objective"]},
        "nap:activity": here | {"key": keys["activity"]},
        "nap:actor": here | {"key": keys["actor"]},
        "objectives:activity-edit": here | {"key": keys["activity"]},
        "objectives:milestone-edit": here | {"key": keys["milestone"]},
        "objectives:objective-coverage": here | {"key": model_objective.key},
        "objectives:activity-coverage": here | {"key": model_activity.key},
        "indicators:indicator": here | {"key": keys["indicator"]},
        "indicators:indicator-edit": here | {"key": keys["indicator"]},
        "indicators:indicator-create": here | {"key": keys["objective"]},
        "indicators:activity-indicators": here | {"key": keys["activity"]},
        "indicators:indicator-coverage": here | {"key": model_indicator.key},
        "indicators:report-edit": here | {"key": keys["indicator"], "ends_on": third.ends_on},
        "indicators:assessment-edit": here | {"key": keys["indicator"], "ends_on": third.ends_on},
        "indicators:activity-report-edit": here | {"key": keys["activity"], "ends_on": third.ends_on},
        **{f"indicators:{name}": here | {"pk": value} for name, value in pk.items()},
        "actors:membership-end": {"country": here["country"], "pk": coordinator.memberships.get().pk},
        "actors:actor-edit": {"country": here["country"], "key": keys["actor"]},
        "actors:stand-in": {"country": here["country"], "key": generic.key},
        "account_reset_password_from_key": {"uidb36": "1", "key": "no-such-key"},
        "here": here,
    }


def address(name: str, world: dict) -> str:
    if name in world:
        return reverse(name, kwargs=world[name])
    for arguments in ({}, world["here"], {"country": world["here"]["country"]}):
        try:
            return reverse(name, kwargs=arguments)
        except NoReverseMatch:
            continue
    raise AssertionError(f"Say in `world` what stands in the address of {name}.")


def walked(client, request, login, world) -> list[str]:
    lines = []
    for role in ROLES:
        client.logout()
        if role != "anonymous":
            login(client, request.getfixturevalue(role))
        for name in named_routes():
            url = address(name, world)
            codes = []
            for method in METHODS:
                cache.clear()  # so that no limit on attempts is reached on the way
                if name == "account_logout" and method == "post":
                    codes.append("-")  # it would sign the walker out
                    continue
                codes.append(str(getattr(client, method)(url).status_code))
            lines.append(f"{name:45} {role:24} {' '.join(codes)}")
    return sorted(lines)


def test_routes_answer_each_role_as_the_table_says(client, request, login, world):
    found = [f"{'route':45} {'role':24} {' '.join(METHODS)}", *walked(client, request, login, world)]
    if os.environ.get("UPDATE_ROUTES"):
        TABLE.write_text("\n".join(found) + "\n")
    assert found == TABLE.read_text().splitlines()


def test_no_route_answers_with_a_fault():
    codes = {code for line in TABLE.read_text().splitlines()[1:] for code in line.split()[2:]}
    assert not {code for code in codes if code.startswith("5")}


def test_another_country_is_answered_as_what_does_not_exist(client, login, stranger, other_country, plan, world):
    """A private plan's pages and a made-up plan's pages differ in nothing but the address that they repeat."""
    plan.is_public = False
    plan.save()
    make_plan(other_country, is_public=False)
    make_actor(other_country)
    login(client, stranger)
    for name, arguments in world.items():
        if "edition" not in arguments or name == "here":
            continue
        real = client.get(reverse(name, kwargs=arguments))
        made_up = client.get(reverse(name, kwargs=arguments | {"edition": "1999-2000"}))
        assert (name, real.status_code, made_up.status_code) == (name, 404, 404)
