"""What holds for every file: nothing unsafe in a template, nothing of one person's machine, no module too long."""

from __future__ import annotations

import ast
import hashlib
import re
import subprocess
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.template.loader import get_template

ROOT = Path(__file__).resolve().parents[2]
APPS = ["actors", "objectives", "indicators", "nap"]
TOP = set(
    """
    .ci .editorconfig .gitignore CHANGELOG.md LICENSE Makefile README.md actors bench docs fixtures indicators locale
    manage.py nap objectives pyproject.toml requirements-dev.txt requirements.txt static templates tests
    """.split()  # noqa: SIM905  # one a line would be a page
)
MODULE_LIMIT = 500  # lines
CODE = sorted(file for app in APPS for file in (ROOT / app).rglob("*.py"))
TEMPLATES = sorted(file for file in (ROOT / "templates").rglob("*") if file.is_file())
# Written in two pieces, so that this file does not find itself.
OF_ONE_MACHINE = re.compile(
    "|".join(
        [
            "index" + "-url",
            "find" + "-links",
            "file:" + "///",
            *(rf"(?<![\w.])/{name}/" for name in ("work", "root", "home")),
        ]
    )
)
UNSAFE_CODE = re.compile("mark" + r"_safe|csrf" + r"_exempt|SafeString\(|\bsafe" + "string")
UNSAFE_TEMPLATE = re.compile(r"\|\s*safe(seq)?\b|autoescape\s+off")
TEMPLATE_SYNTAX = re.compile(r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}", re.DOTALL)
HANDLER_OR_STYLE = re.compile(r"<[a-z][^>]*?\s(on[a-z]+|style)\s*=", re.IGNORECASE)
SCRIPT_OR_STYLE = re.compile(r"<(script|style)\b([^>]*)>", re.IGNORECASE)


def _name(file: Path) -> str:
    return str(file.relative_to(ROOT))


def _files() -> list[Path]:
    """Files that are in the repository, or would be with the next commit."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("this is no git repository")
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


# --- Files --------------------------------------------------------------------------------------------------------


def test_top_level_holds_what_the_readme_explains():
    assert {file.relative_to(ROOT).parts[0] for file in _files()} - TOP == set()


def test_no_file_speaks_of_one_machine():
    found = []
    for file in _files():
        try:
            text = file.read_text()
        except UnicodeDecodeError:
            continue  # a picture
        found += [f"{_name(file)}: {match[0]}" for match in OF_ONE_MACHINE.finditer(text)]
    assert found == []


def test_vendored_files_are_what_was_vendored():
    vendor = ROOT / "static" / "vendor"
    lines = (vendor / "CHECKSUMS.sha256").read_text().splitlines()
    expected = {name: digest for digest, name in (line.split(maxsplit=1) for line in lines)}
    there = {
        str(file.relative_to(vendor)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in vendor.rglob("*")
        if file.is_file() and file.parent != vendor
    }
    assert there == expected


@pytest.mark.parametrize("file", ["requirements.txt", "requirements-dev.txt"])
def test_every_requirement_is_pinned_with_hashes(file):
    text = (ROOT / file).read_text().replace("\\\n", "")
    lines = [line for line in text.splitlines() if line.strip()]
    loose = [
        line
        for line in lines
        if not re.fullmatch(r"[a-z0-9._-]+==[^ ]+( ; [^-]+?)?( +--hash=sha256:[0-9a-f]{64})+ *", line)
    ]
    assert lines
    assert loose == []


def test_development_has_the_packages_of_production():
    def pins(file: str) -> set[str]:
        return {line.split()[0] for line in (ROOT / file).read_text().splitlines() if "==" in line}

    assert pins("requirements.txt") - pins("requirements-dev.txt") == set()


# --- Code ---------------------------------------------------------------------------------------------------------


def test_no_module_is_too_long():
    lengths = {_name(file): len(file.read_text().splitlines()) for file in CODE if "migrations" not in file.parts}
    assert {name: lines for name, lines in lengths.items() if lines > MODULE_LIMIT} == {}


def test_code_marks_no_text_as_safe():
    found = [f"{_name(file)}: {match[0]}" for file in CODE for match in UNSAFE_CODE.finditer(file.read_text())]
    assert found == []


@pytest.mark.django_db
def test_no_migration_is_pending():
    said = StringIO()
    try:
        call_command("makemigrations", "--check", "--dry-run", stdout=said)
    except SystemExit:
        pytest.fail(said.getvalue())


# --- Templates ----------------------------------------------------------------------------------------------------


def faults_of_template(text: str) -> list[str]:
    """What the content security policy would refuse, or what would let a person's text become markup."""
    found = [match[0] for match in UNSAFE_TEMPLATE.finditer(text)]
    markup = TEMPLATE_SYNTAX.sub("", text)
    found += [match[1] for match in HANDLER_OR_STYLE.finditer(markup)]
    # In the text itself, whose nonce is template syntax.
    found += [
        match[0]
        for match in SCRIPT_OR_STYLE.finditer(text)
        if "nonce=" not in match[2] or (match[1].lower() == "script" and "src=" not in match[2])
    ]
    return found


def test_templates_are_safe():
    pages = [file for file in TEMPLATES if file.suffix != ".txt"]  # mails are plain text, in which nothing is escaped
    found = {_name(file): faults for file in pages if (faults := faults_of_template(file.read_text()))}
    assert found == {}


@pytest.mark.parametrize(
    "text",
    [
        "{{ report.narrative|safe }}",
        "{{ report.narrative | safe }}",
        "{% autoescape off %}{{ narrative }}{% endautoescape %}",
        "<p class='a' style='color: red'>",
        "<p {% if a > b %}class='a'{% endif %} onclick='go()'>",
        "<a\n  onmouseover=go()>",
        "<script>go()</script>",
        "<script nonce='{{ request.csp_nonce }}'>go()</script>",
        "<script src='{% static 'nap.js' %}'></script>",
        "<style>p { color: red }</style>",
    ],
)
def test_unsafe_template_is_found(text):
    assert len(faults_of_template(text)) == 1


def test_safe_template_is_left_alone():
    text = '<script src="{% static \'nap.js\' %}" nonce="{{ request.csp_nonce }}"></script><p class="on style">one = two</p>'
    assert faults_of_template(text) == []


def _templates_named_in_code() -> set[str]:
    constants = (
        node for file in CODE for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.Constant)
    )
    return {
        node.value for node in constants if isinstance(node.value, str) and re.fullmatch(r"[\w/.-]+\.html", node.value)
    }


def _templates_named_in_templates() -> set[str]:
    named = re.compile(r"""\{%\s*(?:include|extends)\s+["']([^"']+)["']""")
    return {name for file in TEMPLATES for name in named.findall(file.read_text())}


def test_every_template_that_is_named_exists():
    names = _templates_named_in_code() | _templates_named_in_templates()
    assert names
    for name in sorted(names):
        get_template(name)  # raises, with the name, where it is missing or has an error


def test_every_template_is_named():
    """One that nothing names is dead. Django and allauth ask for theirs by name themselves."""
    by_name_of_others = re.compile(
        r"templates/(account|allauth|admin)/|templates/(4|5)\d\d(_csrf)?\.html$|templates/robots\.txt$"
    )
    named = _templates_named_in_code() | _templates_named_in_templates()
    files = {_name(file) for file in TEMPLATES if file.suffix == ".html" and not by_name_of_others.match(_name(file))}
    assert files - {f"templates/{name}" for name in named} == set()
