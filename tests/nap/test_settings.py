"""What the environment makes of the settings, each in a process of its own."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
KEY = "Zx7-a key of fifty characters or more, for these tests_9qW"
PRODUCTION = {"NAP_SECRET_KEY": KEY, "NAP_ALLOWED_HOSTS": "plan.example.org", "DATABASE_URL": "postgres://nap@db/nap"}


def _run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Python with nothing in the environment but what is named and where programs are."""
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "DJANGO_SETTINGS_MODULE": "nap.settings", **environment}
    return subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env=env, capture_output=True, text=True, timeout=60, check=False
    )


def _settings(*names: str, **environment: str) -> dict[str, object]:
    code = "import json, sys; from django.conf import settings as s; print(json.dumps({n: getattr(s, n) for n in sys.argv[1:]}))"
    done = _run("-c", code, *names, **environment)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_missing_secret_stops_the_start_and_says_what_to_set():
    done = _run("manage.py", "check")
    assert done.returncode == 1
    assert "NAP_SECRET_KEY is not set. Set it to 50 or more random characters" in done.stderr


def test_production_passes_the_checks_of_deployment():
    done = _run("manage.py", "check", "--deploy", "--fail-level", "WARNING", **PRODUCTION)
    assert done.returncode == 0, done.stderr
    assert "WARNING" not in done.stderr


def test_production_is_the_default():
    assert _settings(
        "DEBUG", "IS_DEMONSTRATION", "SESSION_COOKIE_NAME", "CSRF_COOKIE_NAME", "SESSION_COOKIE_SECURE",
        "CSRF_COOKIE_SECURE", "SECURE_SSL_REDIRECT", "SECURE_HSTS_SECONDS", "ALLOWED_HOSTS", NAP_SECRET_KEY=KEY,
    ) == {
        "DEBUG": False,
        "IS_DEMONSTRATION": False,
        "SESSION_COOKIE_NAME": "__Host-session",
        "CSRF_COOKIE_NAME": "__Host-csrf",
        "SESSION_COOKIE_SECURE": True,
        "CSRF_COOKIE_SECURE": True,
        "SECURE_SSL_REDIRECT": True,
        "SECURE_HSTS_SECONDS": 31536000,
        "ALLOWED_HOSTS": ["localhost", "127.0.0.1", "[::1]"],
    }  # fmt: skip


def test_demonstration_on_this_machine_speaks_http():
    assert _settings(
        "IS_DEMONSTRATION", "SESSION_COOKIE_NAME", "SESSION_COOKIE_SECURE", "SECURE_SSL_REDIRECT", "SECURE_HSTS_SECONDS",
        NAP_SECRET_KEY=KEY, NAP_HTTPS="0", NAP_DEMONSTRATION="1",
    ) == {
        "IS_DEMONSTRATION": True,
        "SESSION_COOKIE_NAME": "sessionid",
        "SESSION_COOKIE_SECURE": False,
        "SECURE_SSL_REDIRECT": False,
        "SECURE_HSTS_SECONDS": 0,
    }  # fmt: skip


def test_cookies_of_the_host_prefix_keep_its_rules():
    """A browser drops a __Host- cookie that is not secure, names a domain or another path."""
    assert _settings(
        "SESSION_COOKIE_DOMAIN", "CSRF_COOKIE_DOMAIN", "SESSION_COOKIE_PATH", "CSRF_COOKIE_PATH", **PRODUCTION
    ) == {
        "SESSION_COOKIE_DOMAIN": None,
        "CSRF_COOKIE_DOMAIN": None,
        "SESSION_COOKIE_PATH": "/",
        "CSRF_COOKIE_PATH": "/",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("behind_proxy", "address", "scheme"), [("0", "10.0.0.1", "http"), ("1", "203.0.113.7", "https")]
)
def test_proxy_is_believed_only_where_there_is_one(behind_proxy, address, scheme):
    """A visitor at 203.0.113.7, who claims another address and https, through a proxy at 10.0.0.1."""
    code = (
        "import django; django.setup()\n"
        "from allauth.account.adapter import get_adapter\n"
        "from django.test import RequestFactory\n"
        "request = RequestFactory().get('/', REMOTE_ADDR='10.0.0.1', HTTP_X_FORWARDED_PROTO='https',"
        " HTTP_X_FORWARDED_FOR='198.51.100.9, 203.0.113.7')\n"
        "print(get_adapter(request).get_client_ip(request), request.scheme)"
    )
    done = _run("-c", code, NAP_BEHIND_PROXY=behind_proxy, **PRODUCTION)
    assert done.stdout.split() == [address, scheme], done.stderr


def test_sqlite_is_durable_and_writers_queue():
    databases = _settings("DATABASES", NAP_SECRET_KEY=KEY, DATABASE_URL="sqlite:////srv/nap/nap.sqlite3")["DATABASES"]
    assert databases["default"]["NAME"] == "/srv/nap/nap.sqlite3"
    assert databases["default"]["OPTIONS"] == {
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
    }


def test_every_setting_of_the_environment_is_documented():
    source = (ROOT / "nap" / "settings.py").read_text()
    operations = (ROOT / "docs" / "operations.md").read_text()
    names = set(re.findall(r'env\.\w+\(\s*"(\w+)"', source))
    rows = set(re.findall(r"^\| `(\w+)` \|", operations, re.MULTILINE))
    assert names
    assert rows == names


@pytest.mark.parametrize("command", [["makemigrations", "--check"], ["migrate"], ["check"]])
def test_command_without_a_secret_says_what_to_set_and_nothing_else(command):
    environment = {"PATH": os.environ["PATH"]}
    done = subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=Path(__file__).parents[2],
        env=environment,
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("manage.py: NAP_SECRET_KEY is not set.")
    assert "Traceback" not in done.stderr
