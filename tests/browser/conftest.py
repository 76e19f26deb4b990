"""Chromium as the system has it, the demonstration country behind it, and axe on every page that a test visits."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import time_machine
from axe_playwright_python.sync_playwright import Axe
from django.core.management import call_command
from django.test import override_settings
from playwright.sync_api import Page

from nap.demonstration.accounts import DEMO_PASSWORD

STORY_DAY = datetime(2026, 11, 23, 9, tzinfo=UTC)  # the demonstration's story is told on this day
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
QUIET_FLAGS = ["--disable-background-networking", "--disable-component-update", "--disable-sync"]


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict:
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        pytest.skip("Chromium is not installed: apt-get install chromium")
    return {"executable_path": path, "args": [*FLAGS, *QUIET_FLAGS]}


@pytest.fixture(scope="session", autouse=True)
def _orm_beside_the_browser() -> Iterator[None]:
    """Playwright's loop runs in the tests' own thread, where Django would refuse the ORM."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    yield
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture(scope="session", autouse=True)
def _static_root_before_the_server(empty_static_root: Path) -> Iterator[None]:
    """The server starts once for all tests, before their settings hold; whitenoise warns of a directory that lacks."""
    with override_settings(STATIC_ROOT=empty_static_root):
        yield


@pytest.fixture
def site(live_server, settings) -> Iterator[str]:
    """The address of a server that shows the demonstration, on the day of its story."""
    settings.IS_DEMONSTRATION = True
    with time_machine.travel(STORY_DAY, tick=True):
        call_command("loaddemo", verbosity=0)
        yield live_server.url


@pytest.fixture
def checked() -> Callable[[Page], Page]:
    """`checked(page)`: gives the page back once it does not run off the screen and axe finds nothing wrong with it.

    axe is itself a script, so a page without JavaScript is given back as it is; the same pages are checked with it.
    """

    def check(page: Page) -> Page:
        page.wait_for_load_state("load")  # a click goes on before the style sheets are there
        if not getattr(page, "has_scripts", True):
            return page
        found = Axe().run(page).response["violations"]
        faults = [(one["id"], one["nodes"][0]["html"], one["nodes"][0]["failureSummary"]) for one in found]
        assert faults == [], page.url
        too_wide = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
        assert not too_wide, page.url
        return page

    return check


@pytest.fixture
def sign_in(site) -> Callable[[Page, str], None]:
    """`sign_in(page, "police")`: leaves whoever is signed in and enters as this account of the demonstration."""

    def enter(page: Page, who: str) -> None:
        page.goto(site)
        if page.get_by_role("button", name="Sign out").count():
            page.get_by_role("button", name="Sign out").click()
            page.goto(site)
        page.get_by_role("link", name="Sign in", exact=True).click()
        page.get_by_label("Email").fill(f"{who}@marevia.example")
        page.get_by_label("Password", exact=False).first.fill(DEMO_PASSWORD)
        page.get_by_role("button", name="Sign in", exact=True).click()
        page.get_by_role("heading", name="My work", level=1).wait_for()

    return enter
