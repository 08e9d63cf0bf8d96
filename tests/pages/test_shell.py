"""What stands above and below every page."""

import json

import pytest


def footer(client, search: str) -> str:
    answered = client.get(f"/drawn/hotline{search}")
    assert answered.status_code == 200
    lines = [json.loads(line) for line in answered.text.splitlines()]
    return next(line["tree"] for line in lines if line.get("id") == "foot")


def test_now_data_reach_to_what_is_known(client):
    assert "数据截至 " in footer(client, "")
    assert "补录" not in footer(client, "")


@pytest.mark.parametrize(("lang", "said"), [("zh", "数据截至 02-28 23:59(后来补录)"), ("en", "data to ")])
def test_a_replay_of_what_was_loaded_later_says_so(client, lang, said):
    foot = footer(client, f"?at=2026-02-28T23:59&lang={lang}")
    assert said in foot
    assert (lang == "zh") or "(loaded later)" in foot


def test_before_any_data_there_is_a_dash(client):
    assert "数据截至 —" in footer(client, "?at=2001-01-01T08:00")
