"""A station's water over time: against its thresholds and what they mean, under the rain that made it, above what a
reservoir lets out, and how it goes on."""

from calendar import timegm
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from components.bodies.flood_signs import COLOURS
from components.bodies.flood_station import numbers
from components.figures.flood_map import SIGNS
from components.rows import amount, given, rows
from components.theme import Look, faded, layout

if TYPE_CHECKING:
    from components.panel import Answer

MARGIN = 0.05  # of the time that is shown: for the signs of thresholds
GAP = 0.035  # between the pictures that stand above one another, of the whole height
RAIN, BELOW = 0.17, 0.115  # heights of the rain above and of the flows below


def hydrograph(answer: "Answer", look: Look) -> dict[str, Any]:
    """answer.frame: part (water | forecast | other | rain | rain_forecast | release | inflow), moment, value, low, high
    (the band of a forecast, else NaN), each part oldest first; gaps are rows without a value. Rain is told at the end
    of its hour, mm.
    facts: start, end, now (datetime), unit, digits, ladder [{value, level (1-5, 0: no alarm), name, means}], level and
    figures (see bodies.flood_station), top (the highest point to come: {moment, value}, None: none), rain_unit,
    rain_hours (of a bar), flow_unit, flow_names {release, inflow: words at the end of the line}, other (words of the
    second line, None: there is none)."""
    facts, px = answer.facts, look.px
    parts: dict[str, list[Any]] = {}
    for row in rows(answer.frame):
        parts.setdefault(row.part, []).append(row)
    rain = [*parts.get("rain", []), *parts.get("rain_forecast", [])]
    flows = [*parts.get("release", []), *parts.get("inflow", [])]
    floor = BELOW + GAP if flows else 0.0
    roof = 1 - RAIN - GAP if rain else 1.0
    alone = not parts.get("water") and bool(rain)  # a rain gauge: its rain is the picture
    low, high = _range(parts, facts.get("ladder", []))
    axis = layout(look)["xaxis"]
    ticks = {"tickformat": "%H:%M" if facts["end"] - facts["start"] < _TWO_DAYS else "%m-%d"}
    right = px * (_beside(facts, look) if facts.get("ladder") and not alone else 1.2)
    made: dict[str, Any] = {
        "margin": {"l": px * 3.2, "r": right, "t": px * 0.4, "b": px * 1.6},
        "xaxis": axis
        | {
            "type": "date",
            "showgrid": False,
            "nticks": 3 if look.wall else 5,
            "tickangle": 0,
            "range": [_ms(facts["start"]), _ms(facts["end"]) + MARGIN * (_ms(facts["end"]) - _ms(facts["start"]))],
            **ticks,
        },
        "yaxis": axis
        | {"range": [low, high], "nticks": 5, "domain": [floor, roof], "ticksuffix": " "}
        | {"showgrid": False},
        "hovermode": "closest",
        "bargap": 0.15,
    }
    traces, shapes, notes = [], [], []
    if alone:
        made["yaxis"] |= {"range": [0, max(1.0, *(amount(row.value) or 0 for row in rain)) * 1.15], "domain": [0, 1]}
        traces += _rain(parts, "y", facts, look)
    else:
        traces += _band(parts.get("forecast", []), look) + _lines(parts, facts, look)
        rungs = _rungs(facts, (low, high), (floor, roof), look)
        shapes += _ladder(rungs, look)
        notes += [_meaning(rung, facts, look) for rung in rungs]
        traces.append(_signs(rungs, facts, look))
        if facts.get("other"):
            notes.append(_caption(facts["other"], 0, look) | {"x": 1})
        if rain:
            most = max(4.0, *(amount(row.value) or 0.0 for row in rain))
            made["yaxis2"] = axis | {"domain": [roof + GAP, 1], "range": [most * 1.25, 0], "showticklabels": False}
            made["yaxis2"] |= {"showgrid": False, "anchor": "x"}
            traces += _rain(parts, "y2", facts, look)
            notes.append(_caption(facts["rain_unit"], roof + GAP, look))
            notes.append(_most_rain(rain, facts, look))
    if flows:
        most = max(1.0, *(amount(row.value) or 0.0 for row in flows))
        made["yaxis3"] = axis | {"domain": [0, BELOW], "range": [0, most * 1.3], "nticks": 2, "ticksuffix": " "}
        made["yaxis3"] |= {"showgrid": False, "anchor": "x"}
        made["xaxis"] |= {"anchor": "y3"}
        traces += _flows(parts, facts, look)
    shapes.append(_now(facts["now"], look))
    return {
        "data": [trace for trace in traces if trace],
        "layout": layout(look, shapes=shapes, annotations=[n for n in notes if n], **made),
        "lead": numbers(facts, look),
    }


def _beside(facts: dict[str, Any], look: Look) -> float:
    """How many letters' room the words of the thresholds need at the right: on walls their names and values only."""
    if not look.wall:
        return 12.5
    words = [f"{rung['name']} {rung['value']:.{facts['digits']}f}" for rung in facts["ladder"]]
    return 1.2 + max(sum(0.62 if letter.isascii() else 1 for letter in one) for one in words)


_TWO_DAYS = datetime(2000, 1, 3) - datetime(2000, 1, 1)


def _ms(moment: Any) -> int:
    """A moment as Plotly counts them."""
    return timegm(moment.timetuple()) * 1000


def _range(parts: dict[str, list[Any]], ladder: list[dict[str, Any]]) -> tuple[float, float]:
    """What of the scale is shown: all that was, all that comes, and the thresholds that matter."""
    drawn = [row for name in ("water", "forecast", "other") for row in parts.get(name, [])]
    known = [v for row in drawn for one in (row.value, row.low, row.high) if (v := amount(one)) is not None]
    rungs = [rung["value"] for rung in ladder]
    low = min([*known, *rungs[:1]], default=0.0)
    high = max([*known, *rungs], default=1.0)
    pad = max(high - low, 0.2) * 0.08
    return low - pad, high + pad


def _lines(parts: dict[str, list[Any]], facts: dict[str, Any], look: Look) -> list[dict[str, Any]]:
    p, px = look.palette, look.px
    digits = facts["digits"]

    def line(name: str, colour: str, dash: str, width: float) -> dict[str, Any]:
        some = parts[name]
        return {
            "type": "scatter",
            "mode": "lines",
            "x": [_ms(row.moment) for row in some],
            "y": [amount(row.value) for row in some],
            "connectgaps": False,
            "line": {"color": colour, "width": width, "dash": dash},
            "hovertemplate": f"%{{x|%m-%d %H:%M}}<br>%{{y:.{digits}f}} {facts['unit']}<extra></extra>",
            "cliponaxis": False,
        }

    traces = []
    if parts.get("other"):
        traces.append(line("other", p.muted, "dot", max(1.4, px / 10)))
    if parts.get("water"):
        traces.append(line("water", p.accent, "solid", max(2.0, px / 6)))
    if parts.get("forecast"):
        traces.append(line("forecast", p.accent, "dot", max(1.6, px / 8)))
    points = []
    if last := [row for row in parts.get("water", []) if given(row.value)][-1:]:
        points.append((last[0].moment, float(last[0].value), p.background))
    if top := facts.get("top"):
        points.append((top["moment"], top["value"], p.accent))
    if points:
        traces.append(
            {
                "type": "scatter",
                "mode": "markers",
                "x": [_ms(moment) for moment, _, _ in points],
                "y": [value for _, value, _ in points],
                "marker": {
                    "size": px * 0.6,
                    "color": [colour for _, _, colour in points],
                    "line": {"color": p.text, "width": max(1.5, px / 9)},
                },
                "hoverinfo": "skip",
                "cliponaxis": False,
            }
        )
    return traces


def _band(some: list[Any], look: Look) -> list[dict[str, Any]]:
    """Between which the water will go, by inflows less and more than expected."""
    known = [row for row in some if given(row.low) and given(row.high)]
    if len(known) < 2:
        return []
    return [
        {
            "type": "scatter",
            "mode": "lines",
            "x": [_ms(row.moment) for row in known] + [_ms(row.moment) for row in reversed(known)],
            "y": [float(row.high) for row in known] + [float(row.low) for row in reversed(known)],
            "fill": "toself",
            "fillcolor": faded(look.palette.accent, 0.18),
            "line": {"width": 0},
            "hoverinfo": "skip",
        }
    ]


class Rung(NamedTuple):
    """A threshold and the lines of what it means; where it is and where its words stand: shares of the height, and the
    latter on the scale."""

    told: dict[str, Any]
    lines: list[str]
    at: float
    put: float
    shown: float


def _rungs(facts: dict[str, Any], scale: tuple[float, float], room: tuple[float, float], look: Look) -> list[Rung]:
    """The thresholds from the top; words that would touch are moved apart, and shortened where they are too many."""
    low, high = scale
    told = sorted(facts.get("ladder", []), key=lambda rung: -rung["value"])
    if not told:
        return []
    letters = 12 if look.lang == "zh" else 24
    line, most = (0.17, 0) if look.wall else (0.09, 2)
    while most and sum(1 + len(wrapped(rung["means"], letters, most)) for rung in told) * line > room[1] - room[0]:
        most -= 1
    lines = [wrapped(rung["means"], letters, most) for rung in told]
    high_of = [(1 + len(some)) * line for some in lines]
    at = [room[0] + (rung["value"] - low) / (high - low) * (room[1] - room[0]) for rung in told]
    put = [min(at[0], room[1] + MARGIN - high_of[0] / 2)]
    for i in range(1, len(at)):
        put.append(min(at[i], put[i - 1] - (high_of[i] + high_of[i - 1]) / 2))
    if (lack := room[0] + high_of[-1] / 2 - put[-1]) > 0:  # pushed out at the bottom: up again
        put[-1] += lack
        for i in range(len(put) - 2, -1, -1):
            put[i] = max(put[i], put[i + 1] + (high_of[i] + high_of[i + 1]) / 2)
    shown = [low + (one - room[0]) / (room[1] - room[0]) * (high - low) for one in put]
    return [Rung(*one) for one in zip(told, lines, at, put, shown, strict=True)]


def _ladder(rungs: list[Rung], look: Look) -> list[dict[str, Any]]:
    """A line for each threshold, and a thin one to its words where these are moved."""
    shapes = []
    for rung in rungs:
        colour = _colour(rung.told["level"], look)
        line = {"type": "line", "line": {"color": colour, "width": max(1.2, look.px / 12)}, "layer": "between"}
        value = rung.told["value"]
        shapes.append(line | {"xref": "paper", "x0": 0, "x1": 1 / (1 + MARGIN), "y0": value, "y1": value})
        if abs(rung.at - rung.put) > 0.012:
            lead = {
                "xref": "paper",
                "yref": "paper",
                "x0": 1 / (1 + MARGIN),
                "x1": 1 - MARGIN / 3,
                "y0": rung.at,
                "y1": rung.put,
            }
            shapes.append(line | lead)
    return shapes


def _meaning(rung: Rung, facts: dict[str, Any], look: Look) -> dict[str, Any]:
    """The threshold's name and value, and under it what it means."""
    told, px = rung.told, look.px
    means = "".join(f"<br><span style='color:{look.palette.muted}'>{line}</span>" for line in rung.lines)
    return {
        "xref": "paper",
        "yref": "paper",
        "x": 1,
        "y": rung.put,
        "xanchor": "left",
        "yanchor": "middle",
        "xshift": px * 0.5,
        "align": "left",
        "text": f"<b>{told['name']} {told['value']:.{facts['digits']}f}</b>{means}",
        "showarrow": False,
        "font": {"size": look.small, "color": look.palette.text},
    }


def wrapped(words: str, letters: int, most: int) -> list[str]:
    """Words in lines of about so many letters; Chinese breaks at its commas where it can. most: lines."""
    made: list[str] = []
    while words and len(made) < most:
        end = len(words)
        if end > letters and len(made) == most - 1:
            end = letters - 1
        elif end > letters:
            ends = [
                i for i, letter in enumerate(words) if letter in " ,\uff0c、;\uff1b" and letters * 0.4 < i <= letters
            ]
            end = ends[-1] + 1 if ends else letters
        made.append(words[:end].rstrip(" ,\uff0c、;\uff1b"))
        words = words[end:].strip()
    if words and made:
        made[-1] += "…"
    return made


def _signs(rungs: list[Rung], facts: dict[str, Any], look: Look) -> dict[str, Any]:
    """The shape of each threshold's colour, before its name."""
    told = [rung for rung in rungs if rung.told["level"]]
    if not told:
        return {}
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [_ms(facts["end"]) + MARGIN * 0.8 * (_ms(facts["end"]) - _ms(facts["start"]))] * len(told),
        "y": [rung.shown for rung in told],
        "marker": {
            "symbol": [SIGNS[rung.told["level"]] for rung in told],
            "size": look.px * 0.85,
            "color": [_colour(rung.told["level"], look) for rung in told],
        },
        "cliponaxis": False,
        "hoverinfo": "skip",
    }


def _colour(level: int, look: Look) -> str:
    if not level:
        return look.palette.muted
    return getattr(look.palette, f"alarm_{COLOURS[min(level, 4)]}")


def _rain(parts: dict[str, list[Any]], axis: str, facts: dict[str, Any], look: Look) -> list[dict[str, Any]]:
    p, wide = look.palette, facts["rain_hours"] * 3_600_000
    made = []
    for name, fill, edge in (("rain", p.ramp_3, p.ramp_3), ("rain_forecast", "rgba(0,0,0,0)", p.ramp_3)):
        some = parts.get(name, [])
        if some:
            made.append(
                {
                    "type": "bar",
                    "x": [_ms(row.moment) - wide / 2 for row in some],  # told at its end, drawn over its time
                    "y": [amount(row.value) for row in some],
                    "width": wide * 0.85,
                    "yaxis": axis,
                    "marker": {"color": fill, "line": {"color": edge, "width": 1}},
                    "customdata": [f"{row.moment:%m-%d %H:%M}" for row in some],
                    "hovertemplate": "%{customdata}<br>%{y:.1f} mm<extra></extra>",
                }
            )
    return made


def _most_rain(rain: list[Any], facts: dict[str, Any], look: Look) -> dict[str, Any] | None:
    """The wettest hour, in numbers."""
    known = [row for row in rain if given(row.value) and row.value >= 0.1]
    if not known:
        return None
    most = max(known, key=lambda row: row.value)
    return {
        "x": _ms(most.moment) - facts["rain_hours"] * 1_800_000,
        "y": float(most.value),
        "yref": "y2",
        "text": f"{most.value:.1f}",
        "showarrow": False,
        "yanchor": "top",
        "font": {"size": look.small, "color": look.palette.text},
    }


def _flows(parts: dict[str, list[Any]], facts: dict[str, Any], look: Look) -> list[dict[str, Any]]:
    """What comes in and what is let out."""
    p, made = look.palette, []
    for name, colour, dash in (("inflow", p.muted, "dot"), ("release", p.text, "solid")):
        some = parts.get(name, [])
        if some:
            known = [i for i, row in enumerate(some) if given(row.value)]
            first = name == "release" and bool(parts.get("inflow"))  # its words stand clear of the other's
            named = known[:1] if first else known[-1:]
            made.append(
                {
                    "type": "scatter",
                    "mode": "lines+text",
                    "x": [_ms(row.moment) for row in some],
                    "y": [amount(row.value) for row in some],
                    "yaxis": "y3",
                    "line": {"color": colour, "width": max(1.4, look.px / 9), "dash": dash, "shape": "hv"},
                    "text": [facts["flow_names"][name] if i in named else "" for i in range(len(some))],
                    "textposition": "top right" if first else "top left",
                    "textfont": {"size": look.small, "color": colour},
                    "hovertemplate": f"%{{x|%m-%d %H:%M}}<br>%{{y:.0f}} {facts['flow_unit']}<extra></extra>",
                    "cliponaxis": False,
                }
            )
    return made


def _now(now: datetime, look: Look) -> dict[str, Any]:
    """Where what was ends and what may come begins."""
    line = {"type": "line", "x0": _ms(now), "x1": _ms(now), "y0": 0, "y1": 1, "yref": "paper", "layer": "below"}
    return line | {"line": {"color": look.palette.muted, "width": 1, "dash": "dot"}}


def _caption(words: str, y: float, look: Look) -> dict[str, Any]:
    """Words at the left, above a height of the picture."""
    place = {"xref": "paper", "yref": "paper", "x": 0, "y": y, "xanchor": "left", "yanchor": "bottom", "align": "left"}
    font = {"size": look.small, "color": look.palette.muted}
    return place | {"text": words, "showarrow": False, "xshift": look.px * 0.3, "font": font}
