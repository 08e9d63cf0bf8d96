"""The command line: done, or a sentence and exit code 2; never a traceback."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import Engine

from data_access import __main__ as command
from data_access import engine
from tests.data_access.intake.conftest import SOURCE, stored

ROOT = Path(__file__).parents[3]
ROW = "no,what,where,at\n1,a,x,2026-06-01\n"


@pytest.fixture
def files(tmp_path: Path, duckdb_only: Engine, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(engine, "connect", lambda url=None: duckdb_only)
    (tmp_path / "s.toml").write_text(SOURCE, encoding="utf-8")
    (tmp_path / "a.csv").write_text(ROW, encoding="utf-8")
    return tmp_path


def test_load_prints_the_report(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["load", str(files / "s.toml"), str(files / "a.csv")]) == 0
    shown = capsys.readouterr().out
    assert "1 rows read: 1 stored" in shown
    assert "读取 1 行" in shown
    assert command.main(["load", "--json", str(files / "s.toml"), str(files / "a.csv")]) == 0
    (report,) = json.loads(capsys.readouterr().out)
    assert (report["already"], report["stored"]) == (1, 0)
    assert len(stored()) == 1


@pytest.mark.parametrize(
    ("source", "file", "sentence"),
    [
        ("gone.toml", "a.csv", "no such source description"),
        ("s.toml", "gone.csv", "no such file"),
        (".", "a.csv", "folder"),
        ("a.csv", "a.csv", "not valid TOML"),
    ],
)
def test_mistakes_are_sentences(
    files: Path, capsys: pytest.CaptureFixture[str], source: str, file: str, sentence: str
) -> None:
    assert command.main(["load", str(files / source), str(files / file)]) == 2
    shown = capsys.readouterr().err
    assert sentence in shown
    assert "Traceback" not in shown
    assert str(files) not in shown


def test_the_unexpected_quotes_no_data(
    files: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("13812345678")

    monkeypatch.setattr("data_access.intake.load.load_files", broken)
    assert command.main(["load", str(files / "s.toml"), str(files / "a.csv")]) == 1
    shown = capsys.readouterr().err
    assert "13812345678" not in shown
    assert "RuntimeError" in shown


def test_a_database_owned_by_another_process(tmp_path: Path) -> None:
    (tmp_path / "s.toml").write_text(SOURCE, encoding="utf-8")
    (tmp_path / "a.csv").write_text(ROW, encoding="utf-8")
    url = f"duckdb:///{tmp_path / 'city.duckdb'}"
    owner = engine.connect(url)
    try:
        with owner.connect():
            done = subprocess.run(
                [sys.executable, "-m", "data_access", "load", str(tmp_path / "s.toml"), str(tmp_path / "a.csv")],
                cwd=ROOT,
                env={"COCKPIT_DATABASE_URL": url, "PATH": ""},
                capture_output=True,
                text=True,
                check=False,
            )
    finally:
        owner.dispose()
        engine._engine = None
    assert done.returncode == 2
    assert "in use by another process" in done.stderr
    assert "Traceback" not in done.stderr


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["version"]) == 0
    assert capsys.readouterr().out.strip() == command._version()


def test_demo_of_no_size_is_refused(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("sample_data.build")
    assert command.main(["demo", "--orders", "0"]) == 2
    assert "--orders" in capsys.readouterr().err
