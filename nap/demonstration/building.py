"""Builds the demonstration's fixture from the model plan and the story."""

from __future__ import annotations

from pathlib import Path

from nap.demonstration.fixture import Fixture
from nap.demonstration.plan_rows import add_draft, add_organisations, add_people, add_plan
from nap.demonstration.report_rows import add_reports
from nap.demonstration.story import MODEL_PLAN, Story, read_model

DEMO_PLAN: Path = MODEL_PLAN.with_name("demo_plan.json")


def fixture_text() -> str:
    """What `fixtures/demo_plan.json` holds. Reads files and nothing else, and gives the same text every time."""
    story, model, fixture = Story(), read_model(), Fixture()
    add_organisations(fixture, story)
    add_people(fixture, story)
    add_plan(fixture, story, model)
    add_draft(fixture, story, model)
    add_reports(fixture, story, model)
    return fixture.text()
