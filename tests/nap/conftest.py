"""A migrated database of a test's own, outside the test's transaction, which other processes can open and lose."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg2
import pytest
from django.db import connections

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class OwnDatabase:
    """A database that only this test knows; what runs in it runs in processes of their own."""

    url: str
    directory: Path

    @property
    def environment(self) -> dict[str, str]:
        return os.environ | {
            "DATABASE_URL": self.url,
            "DJANGO_SETTINGS_MODULE": "nap.settings",
            "PYTHONPATH": str(ROOT),
            "PYTHONUNBUFFERED": "1",
        }

    def start(self, code: str) -> subprocess.Popen[str]:
        """Runs Python `code` in a new process in which Django is set up."""
        code = f"import django; django.setup()\n{code}"
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "stdin": subprocess.PIPE}
        return subprocess.Popen([sys.executable, "-c", code], env=self.environment, cwd=ROOT, text=True, **pipes)

    def run(self, code: str) -> str:
        """What `code` printed, once it has ended well."""
        output, errors = (process := self.start(code)).communicate(timeout=120)
        assert process.returncode == 0, errors
        return output.strip()

    def manage(self, *arguments: str, stdin: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
        """manage.py, whichever way it ends."""
        command = [sys.executable, str(ROOT / "manage.py"), *arguments]
        env = self.environment | environment
        return subprocess.run(command, env=env, input=stdin, capture_output=True, text=True, timeout=120, check=False)


def migrate(database: OwnDatabase) -> None:
    done = database.manage("migrate", "--verbosity", "0")
    assert done.returncode == 0, done.stderr


class _Sqlite:
    """Databases that are files; a new one is a copy of the migrated one."""

    def __init__(self, directory: Path) -> None:
        self.template = directory / "template.sqlite3"
        migrate(OwnDatabase(f"sqlite:///{self.template}", directory))

    def make(self, directory: Path, *, empty: bool) -> OwnDatabase:
        file = directory / "own.sqlite3"
        if not empty:
            shutil.copy(self.template, file)
        return OwnDatabase(f"sqlite:///{file}", directory)

    def drop(self, database: OwnDatabase) -> None:
        """The directory goes with the test."""


class _PostgreSQL:
    """Databases on the server of the test run; a new one has the migrated one as its template."""

    def __init__(self, directory: Path) -> None:
        self.settings = connections["default"].settings_dict
        self.template = self._create("template0")
        migrate(OwnDatabase(self._url(self.template), directory))

    def make(self, directory: Path, *, empty: bool) -> OwnDatabase:
        return OwnDatabase(self._url(self._create("template0" if empty else self.template)), directory)

    def drop(self, database: OwnDatabase) -> None:
        self.execute(f"DROP DATABASE {database.url.rpartition('/')[2]} WITH (FORCE)")

    def _create(self, template: str) -> str:
        name = f"nap_own_{secrets.token_hex(6)}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE {template} ENCODING 'UTF8'")
        return name

    def _url(self, name: str) -> str:
        settings = self.settings
        password = f":{settings['PASSWORD']}" if settings["PASSWORD"] else ""
        return f"postgres://{settings['USER']}{password}@{settings['HOST']}:{settings['PORT'] or 5432}/{name}"

    def execute(self, statement: str) -> None:
        settings = self.settings
        server = psycopg2.connect(
            dbname="postgres",
            user=settings["USER"],
            password=settings["PASSWORD"],
            host=settings["HOST"],
            port=settings["PORT"] or 5432,
        )
        try:
            server.autocommit = True
            server.cursor().execute(statement)
        finally:
            server.close()


@pytest.fixture(scope="session")
def _own_databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[_Sqlite | _PostgreSQL]:
    directory = tmp_path_factory.mktemp("own")
    if connections["default"].vendor == "sqlite":
        yield _Sqlite(directory)
        return
    made = _PostgreSQL(directory)
    yield made
    made.execute(f"DROP DATABASE {made.template} WITH (FORCE)")


@pytest.fixture
def own_database(_own_databases, tmp_path: Path) -> Iterator[OwnDatabase]:
    """A migrated database without rows, of the engine that the suite runs on."""
    database = _own_databases.make(tmp_path, empty=False)
    yield database
    _own_databases.drop(database)


@pytest.fixture
def empty_database(_own_databases, tmp_path: Path) -> Iterator[OwnDatabase]:
    """A database without tables, as on a new machine."""
    (tmp_path / "new").mkdir()
    database = _own_databases.make(tmp_path / "new", empty=True)
    yield database
    _own_databases.drop(database)
