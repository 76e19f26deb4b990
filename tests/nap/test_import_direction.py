"""Arrows run one way: `actors ← objectives ← indicators ← nap` between apps, and models ← … ← views inside them.

Read from the source, so that an import inside a function, a foreign key by name and a lookup that runs backwards through
a relation of an app to the right ("plans" from a country) count as the arrows that they are.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps

ROOT = Path(__file__).resolve().parents[2]
ORDER = ["actors", "objectives", "indicators", "nap"]
SOURCES = sorted(
    file.relative_to(ROOT) for app in ORDER for file in (ROOT / app).rglob("*.py") if "migrations" not in file.parts
)

# --- What may import what inside an app ---------------------------------------------------------------------------

# Models at the bottom; rules, actions, read models and the like above them; then forms; then pages and their addresses.
MODELS, RULES, FORMS, PAGES = range(4)
FLOORS = {"models": MODELS, "forms": FORMS, "pages": PAGES, "views": PAGES, "admin": PAGES, "management": PAGES}


def floor_of(module: str) -> int:
    """How high `module` ("indicators.forms.reports") stands in its app."""
    room = module.split(".")[1] if "." in module else ""
    return PAGES if room.endswith("urls") else FLOORS.get(room, RULES)


# --- Names that run backwards ------------------------------------------------------------------------------------

QUERIES = set(
    """
    filter exclude get get_or_create update_or_create annotate alias aggregate order_by values values_list only defer
    select_related prefetch_related prefetch_related_objects distinct in_bulk get_object_or_404 get_list_or_404
    Q F OuterRef Count Sum Avg Min Max Prefetch Subquery Exists FilteredRelation Case When Coalesce
    """.split()  # noqa: SIM905  # one a line would be a page
)
LOOKUP = re.compile(r"[a-z][a-z0-9_]*(__[a-z0-9_]+)+")
WORD = re.compile(r"-?[a-z][a-z0-9_]*")


def _right_of(app: str) -> list[str]:
    return ORDER[ORDER.index(app) + 1 :]


def _models_up_to(app: str) -> list[type]:
    return [model for name in ORDER[: ORDER.index(app) + 1] for model in apps.get_app_config(name).get_models()]


def backward_names(app: str) -> tuple[set[str], set[str]]:
    """Names by which `app` would reach a model to its right; and, apart, those that mean a field of its own as well."""
    backward, own = set(), set()
    for model in _models_up_to(app):
        for field in model._meta.get_fields(include_hidden=True):
            names = {field.name}
            if field.auto_created and not field.concrete:
                names = {field.get_accessor_name(), field.field.related_query_name()}
            names = {name for name in names if name and not name.endswith("+")}
            is_backward = (
                field.is_relation and field.related_model and field.related_model._meta.app_label in _right_of(app)
            )
            (backward if is_backward else own).update(names)
    return backward - own, backward & own


# --- The reading --------------------------------------------------------------------------------------------------


def _imported(tree: ast.AST, module: str) -> Iterator[tuple[int, str]]:
    package = module.split(".")
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: -node.level] if node.level else []
            origin = ".".join([*base, *filter(None, [node.module])])
            yield from ((node.lineno, f"{origin}.{alias.name}") for alias in node.names)


def _called(node: ast.Call) -> str:
    return getattr(node.func, "attr", getattr(node.func, "id", ""))


def _lookups(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Every name that a query, a path of a query, or an attribute names: "country__plans" as two."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            yield node.lineno, node.attr
        elif (
            isinstance(node, ast.Constant) and isinstance(node.value, str) and LOOKUP.fullmatch(node.value.lstrip("-_"))
        ):
            yield from ((node.lineno, part) for part in node.value.lstrip("-").split("__"))
        elif isinstance(node, ast.Call) and _called(node) in QUERIES:
            for keyword in node.keywords:
                yield from ((node.lineno, part) for part in (keyword.arg or "").split("__"))
            for argument in node.args:
                if isinstance(argument, ast.Constant) and WORD.fullmatch(str(argument.value)):
                    yield node.lineno, argument.value.lstrip("-")
        elif isinstance(node, ast.Call) and _called(node) in ("getattr", "hasattr") and len(node.args) > 1:
            if isinstance(node.args[1], ast.Constant):
                yield node.lineno, str(node.args[1].value)
        elif isinstance(node, ast.JoinedStr):
            texts = [part.value for part in node.values if isinstance(part, ast.Constant)]
            yield from ((node.lineno, part) for text in texts if "__" in text for part in text.split("__"))


def _named_apps(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Apps that a text names: "indicators.Indicator", "indicators.models", and get_model("indicators", …)."""
    texts = re.compile(rf"({'|'.join(ORDER)})(\.\w+)+")
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and (found := texts.fullmatch(node.value)):
            yield node.lineno, found[1]
        elif isinstance(node, ast.Call) and _called(node) in (
            "get_model",
            "get_app_config",
            "import_module",
            "is_installed",
        ):
            named = [argument.value for argument in node.args[:1] if isinstance(argument, ast.Constant)]
            named += [word.value.value for word in node.keywords if isinstance(word.value, ast.Constant)]
            yield from ((node.lineno, name) for name in named if name in ORDER)


def faults(source: str, module: str) -> list[str]:
    """Every arrow in the wrong direction, as "line: why"."""
    tree = ast.parse(source)
    app = module.split(".")[0]
    found = []
    for line, imported in _imported(tree, module):
        target = imported.split(".")[0]
        if target in _right_of(app):
            found.append(f"{line}: imports {imported}, of an app to the right")
        elif target in ORDER and floor_of(imported) > floor_of(module):
            found.append(f"{line}: imports {imported}, which stands above it")
    found += [
        f"{line}: names the app {name}, to the right" for line, name in _named_apps(tree) if name in _right_of(app)
    ]
    backward, _ambiguous = backward_names(app)
    found += [
        f"{line}: {name} runs backwards into an app to the right" for line, name in _lookups(tree) if name in backward
    ]
    return sorted(set(found), key=lambda fault: int(fault.partition(":")[0]))


def _module(file: Path) -> str:
    return ".".join(file.with_suffix("").parts).removesuffix(".__init__")


@pytest.mark.parametrize("file", SOURCES, ids=str)
def test_arrows_run_one_way(file):
    # A package's own module is one deeper, for its relative imports.
    module = _module(file) + (".__init__" if file.name == "__init__.py" else "")
    assert faults((ROOT / file).read_text(), module) == []


def test_names_that_cannot_be_told_apart():
    """A relation to the right and a field of the app's own by one name would be a blind spot: give it another name."""
    assert {app: backward_names(app)[1] for app in ORDER} == {app: set() for app in ORDER}


# --- The reading finds what it should ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("module", "source", "fault"),
    [
        ("actors.actions", "import objectives", "imports objectives"),
        (
            "actors.actions",
            "def f():\n    from indicators.models import Indicator",
            "imports indicators.models.Indicator",
        ),
        ("actors.models.people", "from nap import gaps", "imports nap.gaps"),
        ("indicators.views.reports", "import nap.gaps as g", "imports nap.gaps"),
        ("objectives.models.plans", "models.ForeignKey('indicators.Indicator')", "names the app indicators"),
        ("objectives.actions", "apps.get_model('indicators', 'Indicator')", "names the app indicators"),
        ("objectives.actions", "apps.get_model(app_label='indicators', model_name='Indicator')", "names the app"),
        ("objectives.actions", "import_module('indicators.models')", "names the app indicators"),
        ("actors.models.people", "Country.objects.filter(plans__status='active')", "plans runs backwards"),
        ("actors.models.people", "Q(country__plans=1)", "plans runs backwards"),
        ("actors.models.people", "Country.objects.prefetch_related('plans')", "plans runs backwards"),
        ("actors.models.people", "Country.objects.order_by('-plans')", "plans runs backwards"),
        ("actors.models.people", "Count('plans')", "plans runs backwards"),
        ("actors.models.people", "to_plan = 'country__plans__status'", "plans runs backwards"),
        ("actors.models.people", "f'{path}__plans__status'", "plans runs backwards"),
        ("actors.models.people", "country.plans.all()", "plans runs backwards"),
        ("actors.models.people", "getattr(country, 'plans')", "plans runs backwards"),
        ("objectives.models.plans", "objective.indicators.count()", "indicators runs backwards"),
        ("indicators.models.reports", "from indicators.permissions import can_verify", "stands above it"),
        ("indicators.models.reports", "from ..permissions import can_verify", "stands above it"),
        ("indicators.models.__init__", "from indicators import forms", "stands above it"),
        ("indicators.models.reports", "from actors.permissions import can_coordinate", "stands above it"),
        ("indicators.forms.reports", "from indicators.views import report_create", "stands above it"),
        ("indicators.actions", "from indicators.forms import ReportForm", "stands above it"),
        ("nap.gaps.reading", "from nap import views", "stands above it"),
    ],
)
def test_wrong_arrow_is_found(module, source, fault):
    found = faults(source, module)
    assert len(found) == 1
    assert fault in found[0]


@pytest.mark.parametrize(
    ("module", "source"),
    [
        (
            "nap.views.plans",
            "from indicators.models import Indicator\nfrom nap.gaps import gaps_of\nfrom nap import forms",
        ),
        ("indicators.models.reports", "from objectives.models import Plan\nPlan.objects.filter(objectives__code='1')"),
        ("indicators.views", "from indicators.forms import ReportForm\nfrom actors.actions import save_edit"),
        ("actors.models.people", "text = 'plans'\nplans = 1\nuser.memberships.all()"),
        ("actors.views", "redirect('nap:home')"),
        ("objectives.models.plans", "models.ForeignKey('actors.Actor', related_name='plans')"),
    ],
)
def test_right_arrow_is_left_alone(module, source):
    assert faults(source, module) == []
