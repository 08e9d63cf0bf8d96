"""The READMEs say what the program does: their settings tables are those of data_access.settings."""

import re
from pathlib import Path

import pytest

from data_access.settings import ROOT, Settings

HERE = Path(__file__).parents[1]


def settings_rows() -> dict[str, tuple[str, str]]:
    """Variable -> (default as written in the READMEs, description)."""
    rows = {}
    for name, field in Settings.model_fields.items():
        default = str(field.default).replace(f"{ROOT}/", "") or "(empty)"
        rows[f"COCKPIT_{name.upper()}"] = (default, field.description or "")
    return rows


def written_rows(name: str) -> dict[str, tuple[str, str]]:
    found = re.findall(
        r"^\| `(COCKPIT_\w+)` \| `([^`]*)` \| (.*) \|$", (HERE / name).read_text("utf-8"), flags=re.MULTILINE
    )
    return {variable: (default, description) for variable, default, description in found}


def test_english_settings_table():
    expected = "\n".join(f"| `{key}` | `{default}` | {text} |" for key, (default, text) in settings_rows().items())
    assert written_rows("README.md") == settings_rows(), f"README.md should say:\n{expected}"


def test_chinese_settings_table():
    written = written_rows("README.zh.md")
    assert {key: row[0] for key, row in written.items()} == {key: row[0] for key, row in settings_rows().items()}
    assert [key for key, row in written.items() if not re.search(r"[一-鿿]", row[1])] == []


@pytest.mark.parametrize("name", ["README.md", "README.zh.md"])
def test_files_and_pictures_that_a_readme_names_exist(name):
    text = (HERE / name).read_text("utf-8")
    named = re.findall(r"\]\((?!https?:|#)([^)#]+)", text) + re.findall(r"\bsample_data/[\w./-]+\.\w+", text)
    assert named
    assert [path for path in named if not (HERE / path).exists()] == []
