"""One list of channels and appeal types for intake, its templates and the demo city."""

from pathlib import Path

import pytest

from data_access.intake.description import APPEALS, CHANNELS, IntakeError, read_description
from data_access.settings import ROOT
from sample_data import vocabulary
from tests.data_access.intake.conftest import SOURCE


def test_the_demo_city_speaks_the_same_codes() -> None:
    assert set(vocabulary.CHANNELS) <= set(CHANNELS)
    assert set(vocabulary.TYPES) <= set(APPEALS)


@pytest.mark.parametrize("path", sorted((ROOT / "sample_data" / "sources").glob("*.toml")), ids=lambda path: path.stem)
def test_every_shipped_description_is_valid(path: Path) -> None:
    assert read_description(path).key


@pytest.mark.parametrize("name", ["channel", "appeal_type"])
def test_an_unknown_code_is_a_sentence(tmp_path: Path, name: str) -> None:
    text = SOURCE.replace("[columns]", f'[columns]\n{name} = "x"') + f'[codes.{name}]\n"y" = "complain"\n'
    (tmp_path / "s.toml").write_text(text, encoding="utf-8")
    with pytest.raises(IntakeError, match=f"{name} cannot be complain; there are: "):
        read_description(tmp_path / "s.toml")
