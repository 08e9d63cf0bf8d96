"""Drawings of the flood page that need no city: a station's water, signs of alarm colours."""

from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.bodies.flood_rain import flood_rain
from components.bodies.flood_replay import flood_replay
from components.bodies.flood_signs import COLOURS, sign
from components.figures.flood_map import SIGNS
from components.figures.hydrograph import hydrograph, wrapped
from components.markup import Element
from components.panel import Answer
from components.rows import framed
from components.theme import Look
from domain.periods import Span

NOW = datetime(2026, 6, 18, 14, 30)
MEANS = "巡堤上岗,专人值守,转移危险区人员"


def drawn(ladder: list[tuple[float, int]], low: float, high: float, *, wall: bool = False, parts=("water",)) -> dict:
    moments = [NOW - timedelta(minutes=5 * i) for i in range(288, -1, -1)]
    rows = [
        (part, moment, low + (high - low) * i / len(moments), None, None)
        for part in parts
        for i, moment in enumerate(moments)
    ]
    names = ("part", "moment", "value", "low", "high")
    frame = framed({name: list(column) for name, column in zip(names, zip(*rows, strict=True), strict=True)}, names[2:])
    facts = {
        "start": NOW - timedelta(days=1), "end": NOW + timedelta(hours=12), "now": NOW, "unit": "m", "digits": 2,
        "ladder": [{"value": v, "level": n, "name": f"t{v}", "means": MEANS} for v, n in ladder],
        "figures": {"value": "1", "unit": "m", "against": "", "cells": []}, "level": 0, "top": None, "rain_unit": "mm",
        "rain_hours": 1,
        "flow_unit": "m³/s", "flow_names": {"release": "出库"}, "other": None,
    }  # fmt: skip
    return hydrograph(Answer(frame, facts=facts), Look("zh", wall=wall))


@given(
    st.lists(st.floats(1, 30), min_size=1, max_size=5, unique_by=lambda v: round(v, 1)),
    st.floats(1, 30),
    st.floats(0.1, 20),
)
def test_words_of_thresholds_never_touch_and_stay_in_their_order(values, low, rise):
    figure = drawn([(v, 2) for v in values], low, low + rise)
    notes = [n for n in figure["layout"]["annotations"] if n["text"].startswith("<b>t")]
    assert len(notes) == len(values)
    told = [float(n["text"].removeprefix("<b>t").split()[0]) for n in notes]
    assert told == sorted(told, reverse=True)
    room = figure["layout"]["yaxis"]["domain"]
    for above, below in pairwise(notes):
        lines = (2 + above["text"].count("<br>") + below["text"].count("<br>")) / 2
        assert above["y"] - below["y"] >= min(lines * 0.09, (room[1] - room[0]) / len(values)) - 1e-9


def test_each_threshold_is_a_line_in_its_colour_with_a_shape_of_its_own():
    ladder = [(10.0, 1), (11.0, 2), (12.0, 3), (13.0, 4)]
    figure = drawn(ladder, 8.0, 11.5)
    shapes = {s["y0"]: s["line"]["color"] for s in figure["layout"]["shapes"] if s.get("y0") == s.get("y1")}
    assert len({shapes[v] for v, _ in ladder}) == 4
    signs = next(t for t in figure["data"] if t["mode"] == "markers" and len(t["x"]) == 4)
    assert set(signs["marker"]["symbol"]) == {SIGNS[n] for _, n in ladder}
    assert set(signs["marker"]["color"]) == {shapes[v] for v, _ in ladder}


def test_rain_hangs_from_the_top_and_releases_lie_below():
    figure = drawn([(10.0, 2)], 8.0, 9.0, parts=("water", "rain", "release"))
    layout = figure["layout"]
    assert layout["yaxis2"]["range"][0] > layout["yaxis2"]["range"][1] == 0
    assert layout["yaxis3"]["domain"][1] < layout["yaxis"]["domain"][0]
    assert layout["yaxis"]["domain"][1] < layout["yaxis2"]["domain"][0]


def test_of_a_rain_gauge_its_rain_is_the_picture():
    figure = drawn([], 0.0, 9.0, parts=("rain",))
    assert {t["type"] for t in figure["data"]} == {"bar"}
    assert figure["layout"]["yaxis"]["range"][0] == 0


@given(st.text(min_size=1, max_size=60), st.integers(6, 30), st.integers(1, 3))
def test_words_are_cut_into_lines_that_fit(words, letters, most):
    lines = wrapped(words, letters, most)
    assert len(lines) <= most
    assert all(len(line) <= letters + 1 for line in lines)


def test_words_break_at_their_commas():
    assert wrapped("断路绕行,撤离地下空间", 8, 2) == ["断路绕行", "撤离地下空间"]


def said_hours(body: Element) -> list[str]:
    """The time that each column says, in their order; of a silent one nothing."""
    columns = nodes_under(body, "hour")
    return ["".join(n for one in nodes_under(column, "sub", "small") for n in one.nodes) for column in columns]


def nodes_under(one: Element, *wanted: str) -> list[Element]:
    """Elements below of one of these tags or classes."""
    own = [one] if {one.tag, *one.attributes.get("class", "").split()} & set(wanted) else []
    return own + [found for node in one.nodes if isinstance(node, Element) for found in nodes_under(node, *wanted)]


@pytest.mark.parametrize("later", range(24))
def test_hours_say_their_time_every_sixth_but_not_half_outside_at_the_ends(later):
    hours = [datetime(2026, 6, 18, 0) + timedelta(hours=later + n) for n in range(30)]
    parts = ["past"] * 24 + ["forecast"] * 6
    frame = framed({"moment": hours, "mm": [0.5] * 30, "part": parts}, ("mm",))
    whole = Span(NOW - timedelta(days=9), NOW)
    replayed = flood_replay(Answer(frame, facts={"at": NOW, "span": whole}), Look("zh"))
    none = framed({name: [] for name in ("h24", "kind")}, ("h24",))
    told = list(zip(hours, [0.5] * 30, parts, strict=True))
    rained = flood_rain(Answer(none, facts={"at": NOW, "hours": told}), Look("en"))
    for body in (replayed, rained):
        said = said_hours(body)
        assert said[0] == said[-1] == ""
        assert said[1:-1] == [f"{h:%H}:00" if f"{h:%H}" in ("00", "06", "12", "18") else "" for h in hours[1:-1]]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_signs_differ_by_shape_and_word_and_colour(lang):
    told = [sign(level, lang) for level in range(6)]
    assert len({one.attributes["class"] for one in told}) == 6
    assert len({str(one.nodes) for one in told[1:]}) == 5
    assert len({SIGNS[n] for n in (1, 2, 3, 4)}) == 4
    assert COLOURS[4] == "red"
    assert sign(None, lang).nodes == ["—"]
