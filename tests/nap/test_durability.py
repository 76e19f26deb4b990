"""What was acknowledged is kept when the process, or the database, is killed (docs/operations.md)."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest

from tests.nap.conftest import OwnDatabase, migrate

# Each report is a transaction of two rows, and its id is printed after the commit: that is the acknowledgement.
REPORT_WITHOUT_END = """
from django.db import transaction
from tests import factories

objective = factories.make_objective()
period = factories.make_periods(objective.plan, count=1)[0]
while True:
    with transaction.atomic():
        report = factories.make_report(factories.make_indicator(objective), period, state="submitted")
    print(report.pk, flush=True)
"""
WHAT_IS_THERE = """
from indicators.models import Indicator, ProgressReport
print(Indicator.objects.count(), *ProgressReport.objects.order_by("pk").values_list("pk", flat=True))
"""


def _killed_after(process: subprocess.Popen[str], acknowledgements: int, kill) -> set[int]:
    """Calls `kill` after so many acknowledgements, and gives all that came before the end."""
    assert process.stdout
    assert process.stderr
    with process:
        first = list(islice(process.stdout, acknowledgements))
        assert len(first) == acknowledgements, process.stderr.read()
        kill()
        return {int(line) for line in [*first, *process.stdout] if line.endswith("\n")}


def _indicators_and_reports(database: OwnDatabase) -> tuple[int, set[int]]:
    indicators, *reports = database.run(WHAT_IS_THERE).split()
    return int(indicators), {int(report) for report in reports}


@pytest.mark.django_db
@pytest.mark.parametrize("acknowledgements", [1, 40])
def test_killed_process_loses_no_acknowledged_report(own_database, acknowledgements):
    process = own_database.start(REPORT_WITHOUT_END)

    acknowledged = _killed_after(process, acknowledgements, process.kill)

    assert process.returncode == -signal.SIGKILL
    indicators, reports = _indicators_and_reports(own_database)
    assert acknowledged - reports == set()
    assert len(reports - acknowledged) <= 1  # committed in the moment before it could say so
    assert indicators == len(reports)  # and of the one that was being written, nothing is there


# --- A PostgreSQL server that is killed itself ----------------------------------------------------------------------


class Server:
    """A PostgreSQL server of the test's own, which can be killed without harm to anybody."""

    def __init__(self, programs: Path, directory: Path) -> None:
        self.programs, self.data = programs, directory / "data"
        # PostgreSQL refuses to run as root, as which containers run tests.
        self.other_user = {"user": "postgres", "group": "postgres", "extra_groups": []} if os.geteuid() == 0 else {}
        if self.other_user:
            shutil.chown(directory, "postgres", "postgres")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.log = directory / "log"
        made = self._popen("initdb", "--auth=trust", "--username=postgres", "--encoding=UTF8", f"--pgdata={self.data}")
        assert made.wait(timeout=120) == 0, self.log.read_text()
        self.start()

    def start(self) -> None:
        places = [f"port={self.port}", "listen_addresses=127.0.0.1", f"unix_socket_directories={self.data}"]
        # Not through pg_ctl: a killed server that is nobody's child any more stays in the process table, and the next
        # one takes it for alive.
        self.process = self._popen("postgres", "-D", str(self.data), *(f"--{place}" for place in places))
        is_ready = [str(self.programs / "pg_isready"), "--quiet", "--host=127.0.0.1", f"--port={self.port}"]
        deadline = time.monotonic() + 120  # of a machine that does much else besides
        while subprocess.run(is_ready, check=False).returncode != 0:
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < deadline, self.log.read_text()

    def kill(self) -> None:
        """kill -9, to the server and to the processes that serve connections."""
        postmaster = self.process.pid
        children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()
        self.process.kill()
        for child in children:
            os.kill(int(child), signal.SIGKILL)
        self.process.wait()
        deadline = time.monotonic() + 30
        while any(Path(f"/proc/{child}/exe").exists() for child in children):
            assert time.monotonic() < deadline, "the server's processes do not die"

    def stop(self) -> None:
        self.process.send_signal(signal.SIGQUIT)
        self.process.wait(timeout=120)

    def _popen(self, program: str, *arguments: str) -> subprocess.Popen[bytes]:
        # To a file: a pipe that nobody reads fills up, and stops the server with it.
        with self.log.open("a") as log:
            return subprocess.Popen(
                [str(self.programs / program), *arguments],
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                **self.other_user,
            )


def _server_programs() -> Path | None:
    found = shutil.which("initdb")
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return Path(found).resolve().parent if found else installed[-1].parent if installed else None


@pytest.fixture
def server() -> Iterator[Server]:
    programs = _server_programs()
    if programs is None:
        pytest.skip("the programs of a PostgreSQL server (initdb) are not on this machine")
    directory = Path(tempfile.mkdtemp(prefix="nap-server-"))  # not in tmp_path, which only its owner may enter
    try:
        made = Server(programs, directory)
        yield made
        made.stop()
    finally:
        shutil.rmtree(directory)


@pytest.mark.postgresql
def test_killed_server_loses_no_acknowledged_report(server, tmp_path):
    database = OwnDatabase(f"postgres://postgres@127.0.0.1:{server.port}/postgres", tmp_path)
    migrate(database)
    process = database.start(REPORT_WITHOUT_END)

    acknowledged = _killed_after(process, 40, server.kill)

    server.start()
    indicators, reports = _indicators_and_reports(database)
    assert acknowledged - reports == set()
    assert len(reports - acknowledged) <= 1
    assert indicators == len(reports)
