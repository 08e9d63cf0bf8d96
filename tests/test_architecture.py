"""The house rules that a program can check: who knows whom, nothing from outside the host, packages pinned."""

import ast
import importlib.metadata
import re
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MAY_KNOW = {
    "app": {"pages", "briefing", "components", "data_access", "sample_data", "domain"},
    "pages": {"components", "data_access", "domain"},
    "components": {"data_access.areas", "data_access.indicators", "domain"},  # vocabulary and pure functions
    "briefing": {"components", "data_access", "domain"},  # slides and reports: asks panels, never pages
    "briefing/__main__": {"app", "components", "data_access"},  # its command line, wired as the app is
    "data_access": {"domain"},
    "data_access/__main__": {"domain", "sample_data"},  # the command line wires, as app does
    "domain": set(),
    "sample_data": {"data_access", "domain"},
    "benchmarks": {"app", "pages", "briefing", "components", "data_access", "domain", "sample_data"},
}
ROOMS = {place for place in MAY_KNOW if "/" not in place}
SQL = {"sqlalchemy", "duckdb", "psycopg"}
NEVER = {  # packages of others
    "data_access": {"dash", "plotly", "flask"},
    "domain": {"dash", "plotly", "flask", *SQL},
    "components": SQL,
    "components/figures": {"dash"},
    "pages": SQL,
    "briefing": SQL,
}
MODULES = sorted(p for room in ROOMS for p in (*ROOT.glob(f"{room}.py"), *(ROOT / room).rglob("*.py")))
SERVED = sorted(
    p
    for room in ("assets", "components", "pages")
    for p in (ROOT / room).rglob("*")
    if p.suffix in {".css", ".js", ".py", ".svg"}
    and not p.name.startswith("plotly-")  # the charts' script names pages in messages; the browser tests see requests
)


def imported(module: str, code: str) -> list[str]:
    """Dotted names of what a module imports; `from a import b` gives a.b, which names the module or a thing in it."""
    names = []
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            parents = module.split("/")[: -node.level] if node.level else []
            names += [".".join((*parents, *filter(None, [node.module]), alias.name)) for alias in node.names]
    return names


def broken_rules(module: str, code: str) -> list[str]:
    """Imports that a module ('data_access/hotline') may not have."""
    room = module.split("/", maxsplit=1)[0]
    allowed = MAY_KNOW.get(module, MAY_KNOW[room]) | {room}
    never = set().union(*(names for place, names in NEVER.items() if module.startswith(f"{place}/")))
    return [
        name
        for name in imported(module, code)
        if name.split(".")[0] in never
        or (name.split(".")[0] in ROOMS and not any(f"{name}.".startswith(f"{one}.") for one in allowed))
    ]


def outside_addresses(code: str) -> list[str]:
    """Addresses in code that a browser might fetch; names of XML vocabularies and licence comments are none."""
    code = re.sub(r"/\*.*?\*/", "", code, flags=re.DOTALL)
    return [found for found in re.findall(r"https?://[^\s\"'`)]+", code) if not found.startswith("http://www.w3.org/")]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_rooms_know_only_whom_they_may(path):
    module = path.relative_to(ROOT).with_suffix("").as_posix()
    assert broken_rules(module, path.read_text("utf-8")) == []


@pytest.mark.parametrize(
    ("module", "code", "broken"),
    [
        ("domain/rates", "from data_access import hotline\nimport dash.html", ["data_access.hotline", "dash.html"]),
        ("components/panel", "from data_access import areas, hotline", ["data_access.hotline"]),
        ("components/figures/trend", "from dash import html", ["dash.html"]),
        ("components/shell", "from dash import html", []),
        ("components/figures/trend", "from ..panel import slot\nfrom ... import pages", ["pages"]),
        ("data_access/hotline", "import sample_data.build", ["sample_data.build"]),
        ("data_access/__main__", "import sample_data.build", []),
        ("pages/overview", "import sqlalchemy as sa", ["sqlalchemy"]),
    ],
)
def test_the_import_rule_sees(module, code, broken):
    assert broken_rules(module, code) == broken


def test_nothing_is_called_utils():
    assert [p for p in MODULES if p.stem in {"utils", "util", "helpers", "misc"}] == []


@pytest.mark.parametrize("path", SERVED, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_address_outside_the_host(path):
    assert outside_addresses(path.read_text("utf-8")) == []


def test_the_address_rule_sees():
    code = '/* see https://a.org */ @import "https://b.org/x.css"; url(http://c.org/d.png) http://www.w3.org/2000/svg'
    assert outside_addresses(code) == ["https://b.org/x.css", "http://c.org/d.png"]


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-test.txt"])
def test_packages_are_pinned_with_hashes_and_name_no_registry(name):
    lock = (ROOT / name).read_text("utf-8")
    entries = [line for line in lock.replace("\\\n", "").splitlines() if line and not line.lstrip().startswith("#")]
    assert len(entries) > 10
    assert [line for line in entries if not re.match(r"[\w.-]+==\S+ .*--hash=sha256:", line)] == []
    assert "://" not in lock
    wanted = (ROOT / name.replace(".txt", ".in")).read_text("utf-8")
    locked = {entry.split("==")[0]: entry.split()[0] for entry in entries}
    for line in wanted.splitlines():
        if line and line[0] not in "#-":
            package = re.sub(r"\[.*\]", "", line)
            assert package.lower() in locked.values(), f"{name} is older than its .in: {line}"


def test_every_package_that_is_imported_is_declared():
    packages = importlib.metadata.packages_distributions()
    declared = {
        re.split(r"[\[=]", line)[0].lower()
        for line in (ROOT / "requirements.in").read_text("utf-8").splitlines()
        if line
    }
    tops = {name.split(".")[0] for path in MODULES for name in imported("", path.read_text("utf-8"))}
    outside = tops - ROOMS - set(sys.stdlib_module_names)
    assert "pandas" in outside
    names = {top: {name.lower().replace("_", "-") for name in packages.get(top, [top])} for top in outside}
    assert {top for top in outside if not names[top] & declared} == set()


def _keys(table: dict, prefix: str = "") -> dict[str, str]:
    flat = {}
    for key, value in table.items():
        flat |= _keys(value, f"{prefix}{key}.") if isinstance(value, dict) else {f"{prefix}{key}": value}
    return flat


def test_every_word_is_there_in_both_languages():
    zh, en = (
        _keys(tomllib.loads((ROOT / f"components/words/{lang}.toml").read_text("utf-8"))) for lang in ("zh", "en")
    )
    assert zh.keys() == en.keys()
    assert [key for words in (zh, en) for key, text in words.items() if not str(text).strip()] == []
    fields = {key: (set(re.findall(r"{(\w+)", zh[key])), set(re.findall(r"{(\w+)", en[key]))) for key in zh}
    assert [key for key, (one, other) in fields.items() if one != other] == []
