"""A plan comes in from a file: everything or nothing, every fault named, and a second load changes nothing."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from actors.models import Actor, Country, User
from indicators.models import Indicator, ProgressReport, ReportingPeriod, Target
from nap import loading
from nap.checkdata import find
from nap.loading import Count, Refused, load_plan
from nap.loading.records import RESOURCES
from objectives.models import Activity, Objective, Omission, Plan, Responsibility
from tests.factories import (
    make_actor,
    make_assessment,
    make_country,
    make_indicator,
    make_model_plan,
    make_objective,
    make_periods,
    make_plan,
    make_report,
)

pytestmark = pytest.mark.django_db

PLAN = ["XA", "2024-2029"]
MODELS = [resource._meta.model for resource in RESOURCES]


def ref(key: str) -> list[str]:
    return [*PLAN, key]


def pattern(key: str) -> list[str | None]:
    return [None, "pattern", key]


def a_plan() -> list[dict[str, Any]]:
    """The records of a small plan, in an order that no row could be written in."""
    rows: list[tuple[str, dict[str, Any]]] = [
        (
            "indicators.indicatoromission",
            {"plan": PLAN, "model_indicator": pattern("pi2"), "kind": "left_out", "reason": "Not measured here."},
        ),
        (
            "objectives.omission",
            {"plan": PLAN, "model_objective": pattern("po2"), "model_activity": None, "reason": "Done already."},
        ),
        ("indicators.indicatorcoverage", {"item": ref("i1"), "model_item": pattern("pi1"), "manner": "adapted"}),
        ("objectives.objectivecoverage", {"item": ref("o1"), "model_item": pattern("po1"), "manner": "adopted"}),
        ("indicators.reportingperiod", {"plan": PLAN, "ends_on": "2024-12-31", "due_on": "2025-02-28"}),
        ("indicators.target", {"indicator": ref("i1"), "due_on": "2029-06-30", "value": None, "step": ref("law-1")}),
        ("indicators.target", {"indicator": ref("i2"), "due_on": "2029-06-30", "value": "80.5", "step": None}),
        (
            "indicators.indicator",
            {
                "objective": ref("o1"),
                "key": "i1",
                "order": 1,
                "code": "1.1",
                "title": "A law in force",
                "activities": [ref("a1")],
                "level": "structural",
                "kind": "scale",
                "scale": ref("law"),
                "baseline_step": ref("law-0"),
                "reporting_actor": ["XA", "child-department"],
                "contributors": [["XA", "ministry"]],
                "version": 3,
            },
        ),
        (
            "indicators.indicator",
            {
                "objective": ref("o1"),
                "key": "i2",
                "code": "1.2",
                "title": "Share of districts with a shelter",
                "level": "process",
                "kind": "percentage",
                "baseline_value": "12.5",
                "is_headline": True,
                "weight": "2.00",
            },
        ),
        ("indicators.scalestep", {"scale": ref("law"), "key": "law-0", "order": 0, "label": "None", "score": "0.000"}),
        ("indicators.scalestep", {"scale": ref("law"), "key": "law-1", "order": 1, "label": "Applied", "score": 1}),
        ("indicators.scale", {"plan": PLAN, "key": "law", "name": "Law"}),
        ("objectives.term", {"plan": PLAN, "key": "sec", "abbreviation": "SEC", "meaning": "sexual exploitation"}),
        ("objectives.responsibility", {"activity": ref("a1"), "actor": ["XA", "ministry"], "role": "lead"}),
        ("objectives.milestone", {"activity": ref("a1"), "key": "m1", "title": "Draft law", "due_on": "2025-06-30"}),
        ("objectives.activity", {"objective": ref("o1"), "key": "a1", "code": "1.1", "title": "Draft a law"}),
        ("objectives.objective", {"plan": PLAN, "key": "o1", "code": "1", "title": "To have a law", "area": ref("r1")}),
        ("objectives.area", {"plan": PLAN, "key": "r1", "name": "Prévention – الوقاية", "model_area": None}),
        (
            "objectives.plan",
            {
                "country": ["XA"],
                "edition": "2024-2029",
                "title": "National plan",
                "starts_on": "2024-07-01",
                "ends_on": "2029-06-30",
                "status": "active",
                "activated_on": "2024-07-01",
                "model": [None, "pattern"],
            },
        ),
        (
            "actors.actor",
            {
                "country": ["XA"],
                "key": "child-department",
                "kind": "government_agency",
                "name": "Department of Children",
                "parent": ["XA", "ministry"],
            },
        ),
        ("actors.actor", {"country": ["XA"], "key": "ministry", "kind": "ministry", "name": "Ministry"}),
        ("actors.country", {"code": "XA", "name": "Exampleland", "languages": ["en", "fr"]}),
    ]
    return [{"model": label, "fields": fields} for label, fields in rows]


def one(records: list[dict], label: str, key: str | None = None) -> dict[str, Any]:
    """The fields of the first record of that model and key."""
    return next(r["fields"] for r in records if r["model"] == label and key in (None, r["fields"].get("key")))


def load(records: object, **options) -> loading.Loaded:
    return load_plan(json.dumps(records).encode(), source="plan.json", **options)


def refused(records: object, **options) -> list[str]:
    """Why a load is refused; that it changed nothing is checked here."""
    before = stored()
    with pytest.raises(Refused) as why:
        load_plan(records if isinstance(records, bytes) else json.dumps(records).encode(), source="x", **options)
    assert stored() == before
    return [str(fault) for fault in why.value.faults]


def stored() -> dict[str, list[dict]]:
    rows = {model._meta.label: list(model._default_manager.order_by("pk").values()) for model in MODELS}
    histories = {f"{model._meta.label} history": model.history.count() for model in MODELS}
    return rows | histories


@pytest.fixture(autouse=True)
def model_plan(db) -> Plan:
    plan = make_model_plan(edition="pattern")
    for number in (1, 2):
        objective = make_objective(plan, key=f"po{number}")
        make_indicator(objective, key=f"pi{number}", reporting_actor=None)
    return plan


# --- A good file --------------------------------------------------------------------------------------------------


def test_a_plan_is_loaded_whatever_the_order_of_its_records(model_plan):
    loaded = load(a_plan())
    assert (loaded.country, loaded.plan) == ("XA", "XA/2024-2029")
    assert {count.model: count.new for count in loaded.counts} == {
        "actors.country": 1,
        "actors.actor": 2,
        "objectives.plan": 1,
        "objectives.area": 1,
        "objectives.objective": 1,
        "objectives.activity": 1,
        "objectives.milestone": 1,
        "objectives.responsibility": 1,
        "objectives.term": 1,
        "indicators.scale": 1,
        "indicators.scalestep": 2,
        "indicators.indicator": 2,
        "indicators.target": 2,
        "indicators.reportingperiod": 1,
        "objectives.objectivecoverage": 1,
        "indicators.indicatorcoverage": 1,
        "objectives.omission": 1,
        "indicators.indicatoromission": 1,
    }
    plan = Plan.objects.get(country__code="XA")
    assert plan.model == model_plan
    indicator = Indicator.objects.of(plan).get(key="i1")
    assert [str(row) for row in indicator.activities.all()] == ["1.1. Draft a law"]
    assert indicator.reporting_actor.parent.key == "ministry"
    assert indicator.version == 1
    assert indicator.covers.get().key == "pi1"
    assert Target.objects.get(indicator__key="i2").value.as_tuple() == (0, (8, 0, 5, 0, 0, 0), -4)
    assert find() == []


def test_every_row_has_a_history_with_the_reason():
    load(a_plan())
    for model in MODELS:
        rows = model._default_manager.exclude(pk__in=_of_the_model(model))
        recorded = model.history.filter(id__in=rows.values("pk"))
        assert set(recorded.values_list("id", flat=True)) == set(rows.values_list("pk", flat=True)), model
        assert set(recorded.values_list("history_change_reason", flat=True)) <= {"Loaded from plan.json"}


def _of_the_model(model) -> list[int]:
    return [row.pk for row in model._default_manager.all() if row.natural_key()[0] is None]


def test_a_second_load_changes_nothing():
    load(a_plan())
    before = stored()
    again = load(a_plan())
    assert again.is_unchanged
    assert again.counts[0] == Count("actors.country", new=0, changed=0, unchanged=1)
    assert stored() == before


def test_a_trial_writes_nothing_and_counts():
    before = stored()
    trial = load(a_plan(), dry_run=True)
    assert stored() == before
    assert trial == load(a_plan())


def test_rows_are_found_by_their_key_and_changed_and_the_others_stay():
    load(a_plan())
    records = a_plan()
    one(records, "objectives.activity")["code"] = "1.9"
    one(records, "indicators.indicator", "i1")["activities"] = []
    records = [record for record in records if record["model"] != "objectives.milestone"]
    changed = {count.model: count.changed for count in load(records).counts if count.changed}
    assert changed == {"objectives.activity": 1, "indicators.indicator": 1}
    activity = Activity.objects.get(key="a1")
    assert (activity.code, activity.version, activity.milestones.count()) == ("1.9", 2, 1)
    assert Indicator.objects.get(key="i1").activities.count() == 0


def test_a_field_that_the_file_leaves_out_keeps_its_value():
    load(a_plan())
    Objective.objects.filter(key="o1").update(weight=3)
    assert load(a_plan()).is_unchanged
    assert Objective.objects.get(key="o1").weight == 3


def test_an_activity_can_move_to_another_objective_of_the_plan():
    load(a_plan())
    records = a_plan()
    records.append(
        {"model": "objectives.objective", "fields": {"plan": PLAN, "key": "o2", "code": "2", "title": "New"}}
    )
    one(records, "objectives.activity")["objective"] = ref("o2")
    load(records)
    assert Activity.objects.get(key="a1").objective.key == "o2"


def test_a_file_of_parts_adds_to_the_plan_that_is_there():
    load(a_plan())
    loaded = load(
        [{"model": "objectives.term", "fields": {"plan": PLAN, "key": "t", "abbreviation": "T", "meaning": "t"}}]
    )
    assert (loaded.plan, loaded.counts) == ("XA/2024-2029", (Count("objectives.term", 1, 0, 0),))


def test_the_plan_of_the_demonstration_loads_without_its_people_and_reports():
    call_command("loaddata", "model_plan", verbosity=0)
    labels = {resource._meta.model._meta.label_lower for resource in RESOURCES}
    everything = json.loads((Path(settings.BASE_DIR) / "fixtures" / "demo_plan.json").read_text())
    records = [r for r in everything if r["model"] in labels and '"XV"' not in json.dumps(r)]
    load(records, country="XM")
    assert load(records).is_unchanged
    assert find() == []


# --- A file that is none of ours ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (
            b"",
            "file: found line 1, column 1; expected JSON, whole: Expecting value. The file is cut short or is none of ours.",
        ),
        (b"PK\x03\x04\xff", "file: found byte 4; expected text in UTF-8"),
        (
            b'[{"model": "actors.act',
            "file: found line 1, column 12; expected JSON, whole: Unterminated string starting at. The file is cut short or is none of ours.",
        ),
        (b"{}", "file: found “{}”; expected a list of one or more records"),
        (b"[]", "file: found “”; expected a list of one or more records"),
        (b"[" * 200_000, "file: found thousands of levels; expected a list of records"),
        (b"[NaN]", "file: expected JSON: NaN is no number"),
        (b'["\\ud83d"]', "file: found half of a character; expected text in UTF-8"),
        (b"[1]", "record 1: found “1”; expected an object with “model” and “fields”"),
    ],
    ids=["empty", "zip", "cut", "object", "no-records", "deep", "nan", "half", "number"],
)
def test_a_file_of_another_kind_is_refused(data, says):
    assert refused(data) == [says]


def test_a_cut_file_is_refused_wherever_it_was_cut():
    data = json.dumps(a_plan()).encode()
    for length in range(1, len(data), 97):
        refused(data[:length])


def test_a_file_past_the_limit_is_refused(monkeypatch):
    monkeypatch.setattr("nap.loading.records.SIZE_LIMIT", 100)
    assert refused(b" " * 101) == ["file: found 101 bytes; expected at most 100 bytes"]


def test_models_that_do_not_travel_are_refused():
    records = [
        *a_plan(),
        {"model": "indicators.progressreport", "fields": {}},
        {"model": "actors.user", "fields": {"email": "a@example.org", "password": "x", "is_superuser": True}},
        {"model": "sessions.session", "fields": {}},
        {"model": "objectives.term", "pk": 1, "fields": {}},
        {"model": "objectives.term", "fields": {}, "also": 1},
        {"model": "objectives.term", "fields": {"plan": [[[[[[[[[]]]]]]]]]}},
    ]
    number = len(a_plan())
    found = refused(records)
    assert found[0] == (
        f"record {number + 1}, indicators.progressreport, field model: found “indicators.progressreport”; expected no "
        "reports: they are written, and verified by somebody else, in the application"
    )
    assert found[1].startswith(
        f"record {number + 2}, actors.user, field model: found “actors.user”; expected no people"
    )
    assert found[2].startswith(
        f"record {number + 3}, sessions.session, field model: found “sessions.session”; expected one of: actors.country, "
    )
    assert (
        found[3]
        == f"record {number + 4}, objectives.term, field pk: found “1”; expected none: rows are found by their keys"
    )
    assert (
        found[4] == f"record {number + 5}, objectives.term: found “also”; expected nothing beside “model” and “fields”"
    )
    assert (
        found[5] == f"record {number + 6}, objectives.term: found lists within lists; expected values and lists of keys"
    )
    assert len(found) == 6
    assert not User.objects.exists()


# --- Rows of others -----------------------------------------------------------------------------------------------


def test_rows_of_another_country_are_refused():
    make_country("XB")
    make_actor(Country.objects.get(code="XB"), key="theirs")
    records = a_plan()
    one(records, "indicators.indicator", "i2")["reporting_actor"] = ["XB", "theirs"]
    one(records, "objectives.term")["plan"] = ["XB", "2024-2029"]
    one(records, "actors.actor", "child-department")["country"] = ["XB"]
    found = refused(records)
    assert found == [
        "record 9, indicators.indicator, i2, field reporting_actor: found “XB/theirs”; expected a row of XA",
        "record 13, objectives.term, sec, field plan: found “XB/2024-2029”; expected a row of XA",
        "record 20, actors.actor, child-department, field country: found “XB”; expected a row of XA",
    ]


def test_the_country_asked_for_must_be_that_of_the_plan():
    assert refused(a_plan(), country="XB") == ["file: found “XA”; expected a plan of XB"]


def test_rows_of_the_model_are_refused():
    records = a_plan()
    one(records, "objectives.term")["plan"] = [None, "pattern"]
    one(records, "actors.actor", "ministry")["country"] = None
    one(records, "objectives.area")["model_area"] = ref("r1")
    assert refused(records) == [
        "record 13, objectives.term, sec, field plan: found “model/pattern”; expected a row of XA",
        "record 18, objectives.area, r1, field model_area: found “XA/2024-2029/r1”; expected a row of the model",
        "record 21, actors.actor, ministry, field country: found nothing; expected a row of XA: the model is loaded with loaddata",
    ]


def test_a_plan_of_no_country_is_refused(model_plan):
    records = [{"model": "objectives.plan", "fields": {"country": None, "edition": "pattern", "title": "Ours now"}}]
    assert refused(records) == ["file: found no country; expected records of one country's plan"]


def test_parts_of_another_plan_are_refused():
    records = a_plan()
    one(records, "objectives.term")["plan"] = ["XA", "2019-2024"]
    records.append({"model": "objectives.plan", "fields": {"country": ["XA"], "edition": "2019-2024", "title": "Old"}})
    assert refused(records) == [
        "record 13, objectives.term, sec, field plan: found “XA/2019-2024”; expected a row of the plan XA/2024-2029",
        "record 23, objectives.plan, XA 2019-2024, field edition: found “2019-2024”; expected one plan in a file",
    ]


def test_a_country_that_nobody_has_made_is_refused():
    records = [record for record in a_plan() if record["model"] != "actors.country"]
    assert refused(records) == [
        "file: found “XA”; expected a country that exists: add it in the administration site, or as the first record"
    ]


# --- Rows with faults ---------------------------------------------------------------------------------------------


def test_all_faults_are_named_at_once():
    records = a_plan()
    one(records, "actors.actor", "ministry")["kind"] = "minstry"
    one(records, "objectives.activity")["starts_on"] = "30/06/2025"
    one(records, "objectives.activity")["colour"] = "red"
    one(records, "objectives.term")["order"] = 1.5
    one(records, "indicators.reportingperiod")["due_on"] = None
    one(records, "indicators.reportingperiod")["locked"] = "perhaps"
    one(records, "indicators.indicator", "i2")["baseline_value"] = "112"
    one(records, "objectives.objectivecoverage")["model_item"] = pattern("po9")
    with pytest.raises(Refused) as why:
        load(records)
    assert [str(fault) for fault in why.value.faults] == [
        "record 4, objectives.objectivecoverage, XA/2024-2029/o1 None/pattern/po9, field model_item: found “model/pattern/po9”; expected the key of objective that exists",
        "record 5, indicators.reportingperiod, XA/2024-2029 2024-12-31, field locked: found “perhaps”; expected yes or no (true or false)",
        "record 5, indicators.reportingperiod, XA/2024-2029 2024-12-31, field due_on: found nothing; expected a value",
        "record 9, indicators.indicator, i2, field baseline_value: found “112”; A percentage lies between 0 and 100.",
        "record 13, objectives.term, sec, field order: found “1.5”; expected a whole number",
        "record 16, objectives.activity, a1, field colour: found “colour”; expected one of: key, objective, order, code, title, starts_on, ends_on",
        "record 21, actors.actor, ministry, field kind: found “minstry”; expected one of: "
        + ", ".join(k for k, _ in Actor._meta.get_field("kind").flatchoices),
    ]
    # the department, the lead, the milestone, and what refers to these: their faults would only repeat the ministry's
    assert why.value.unchecked > 4
    assert not Plan.objects.national().exists()


def test_a_missing_actor_is_named():
    records = [record for record in a_plan() if record["fields"].get("key") != "ministry"]
    found = refused(records)
    assert (
        "record 14, objectives.responsibility, XA/2024-2029/a1 XA/ministry, field actor: found “XA/ministry”; "
        "expected the key of actor that exists" in found
    )
    assert len(found) == 2  # the other is the department that is part of it


def test_a_row_without_a_key_is_refused():
    records = a_plan()
    del one(records, "objectives.milestone")["key"]
    assert refused(records) == [
        "record 15, objectives.milestone, XA/2024-2029/a1, field key: found nothing; expected a value"
    ]


def test_a_row_that_stands_twice_is_refused():
    records = a_plan()
    records.append({"model": "objectives.term", "fields": {**one(records, "objectives.term"), "meaning": "another"}})
    assert refused(records) == [
        "record 23, objectives.term, sec: found “sec”; expected each row once; this one is record 13, too"
    ]


def test_actors_in_a_circle_are_refused():
    records = a_plan()
    one(records, "actors.actor", "ministry")["parent"] = ["XA", "child-department"]
    [fault] = refused(records)
    assert fault == (
        "record 21, actors.actor, ministry: found “ministry”; expected no circle: record 20 refers back to this one"
    )


@pytest.mark.parametrize(
    ("label", "key", "change", "says"),
    [
        (
            "objectives.objective",
            "o1",
            {"code": ""},
            "record 17, objectives.objective, o1, field code: found nothing; expected a value",
        ),
        (
            "objectives.plan",
            None,
            {"ends_on": "2020-01-01"},
            "record 19, objectives.plan, XA 2024-2029: This breaks the rule “plan ends after start”.",
        ),
        (
            "objectives.plan",
            None,
            {"title": "x" * 301},
            "record 19, objectives.plan, XA 2024-2029, field title: found “"
            + "x" * 79
            + "…”; expected Ensure this value has at most 300 characters (it has 301).",
        ),
        (
            "objectives.responsibility",
            None,
            {"role": "boss"},
            "record 14, objectives.responsibility, XA/2024-2029/a1 XA/ministry, field role: found “boss”; expected one of: lead, co_lead, contributor",
        ),
        (
            "indicators.target",
            None,
            {"step": None},
            "record 6, indicators.target, XA/2024-2029/i1 2029-06-30: A target is a value or, on a scale, a step; and not both.",
        ),
        (
            "objectives.term",
            None,
            {"meaning": "a\x00b"},
            "record 13, objectives.term, sec, field meaning: found “a\x00b”; expected a text without null characters",
        ),
        (
            "objectives.term",
            None,
            {"meaning": 7},
            "record 13, objectives.term, sec, field meaning: found “7”; expected a text",
        ),
        (
            "objectives.term",
            None,
            {"key": "a b"},
            "record 13, objectives.term, a b, field key: found “a b”; expected A key has letters, digits, dots and hyphens only.",
        ),
        (
            "objectives.omission",
            None,
            {"reason": ""},
            "record 2, objectives.omission, XA/2024-2029 None/pattern/po2, field reason: found nothing; expected a value",
        ),
        ("objectives.omission", None, {"url": "javascript:alert(1)"}, None),
    ],
)
def test_a_broken_rule_is_named(label, key, change, says):
    records = a_plan()
    one(records, label, key).update(change)
    found = refused(records)
    if says:
        assert says in found


def test_a_second_active_plan_is_refused():
    country = make_country("XA", name="Exampleland")
    make_plan(country, edition="2019-2024")
    assert refused(a_plan()) == [
        "record 19, objectives.plan, XA 2024-2029: The country has another active plan. Close that one first, or load a draft."
    ]


def test_an_item_that_is_both_taken_up_and_left_out_is_refused():
    records = a_plan()
    one(records, "objectives.omission")["model_objective"] = pattern("po1")
    assert refused(records) == [
        "file, objectives.omission, XA/2024-2029/model_objective/po1: found po1 is also taken up.; Remove the omission, "
        "or what takes the item up."
    ]
    assert not Omission.objects.exists()


def test_a_load_cannot_make_reports_wrong():
    load(a_plan())
    indicator = Indicator.objects.get(key="i2")
    indicator.reporting_actor = Actor.objects.get(key="ministry")
    indicator.save()
    plan = indicator.objective.plan
    ReportingPeriod.objects.all().delete()
    report = make_report(indicator, make_periods(plan)[0])
    records = a_plan()
    one(records, "indicators.indicator", "i2").update(
        kind="scale", scale=ref("law"), baseline_value=None, baseline_step=ref("law-0")
    )
    one(records, "indicators.target", None)
    records = [r for r in records if r["model"] not in ("indicators.target", "indicators.reportingperiod")]
    Target.objects.filter(indicator=indicator).delete()
    found = refused(records)
    assert [line for line in found if line.startswith("record 6, indicators.indicator, i2, field kind: ")] == found[:1]
    assert ProgressReport.objects.get() == report


def test_children_never_lead():
    records = a_plan()
    records.append(
        {"model": "actors.actor", "fields": {"country": ["XA"], "key": "kids", "kind": "children", "name": "K"}}
    )
    one(records, "objectives.responsibility")["actor"] = ["XA", "kids"]
    assert refused(records) == [
        "record 14, objectives.responsibility, XA/2024-2029/a1 XA/kids, field actor: found “XA/kids”; Children take part "
        "in an activity, but never lead it."
    ]
    assert not Responsibility.objects.exists()


# --- The command --------------------------------------------------------------------------------------------------


def test_the_command_loads_and_counts(tmp_path):
    file = tmp_path / "plan.json"
    file.write_text(json.dumps(a_plan()))
    trial, output = StringIO(), StringIO()
    call_command("loadplan", file, dry_run=True, stdout=trial)
    assert trial.getvalue().splitlines()[-1] == "A trial: nothing of XA/2024-2029 has been changed."
    assert not Plan.objects.national().exists()
    call_command("loadplan", file, country="xa", stdout=output)
    lines = output.getvalue().splitlines()
    assert lines[1] == "actors.country                           1         0         0"
    assert lines[-1] == "XA/2024-2029 has been loaded."


def test_the_command_says_what_is_wrong_and_fails(tmp_path):
    records = a_plan()
    one(records, "actors.actor", "ministry")["kind"] = "minstry"
    file = tmp_path / "plan.json"
    file.write_text(json.dumps(records))
    errors = StringIO()
    with pytest.raises(CommandError, match=r"plan\.json was not loaded\. Nothing has changed\."):
        call_command("loadplan", file, stderr=errors)
    lines = errors.getvalue().splitlines()
    assert lines[0].startswith(
        "record 21, actors.actor, ministry, field kind: found “minstry”; expected one of: ministry, "
    )
    assert lines[1].startswith("Not checked, because they refer to these: ")


def test_the_command_names_a_file_that_is_not_there(tmp_path):
    with pytest.raises(CommandError, match="cannot be read: No such file or directory"):
        call_command("loadplan", tmp_path / "none.json")


def test_a_load_hides_no_published_assessment():
    load(a_plan())
    plan = Plan.objects.get(country__code="XA")
    plan.is_public, plan.status, plan.activated_on = True, "active", plan.starts_on
    plan.save()
    ReportingPeriod.objects.all().delete()
    make_assessment(Indicator.objects.get(key="i2"), make_periods(plan)[0])
    records = a_plan()
    fields = one(records, "objectives.plan")
    fields.update(is_public=False, status="active", activated_on=plan.starts_on.isoformat())
    records = [record for record in records if record["model"] != "indicators.reportingperiod"]
    assert "independent assessments of it are published" in " ".join(refused(records))
    fields.update(is_public=True)
    load(records)
