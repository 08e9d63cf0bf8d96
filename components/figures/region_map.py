"""Places coloured by a number: an SVG map without internet or GPU, or labelled tiles where there are no boundaries."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from components.figures.callouts import INK, MARK, Place, callouts, halo, marks
from components.judging import misses
from components.rows import amount, count, rows
from components.theme import Look, layout
from components.words import exact, number, percent, text

if TYPE_CHECKING:
    import pandas as pd

    from components.panel import Answer


def region_map(answer: "Answer", look: Look) -> dict[str, Any]:
    """answer.frame: code, name, value (NaN: no data), said (the value in words), sentence (hover), lon, lat (degrees),
    size (km2), column, row (tiles). facts: shapes (address of the children's GeoJSON, None: tiles), bounds (west,
    south, east, north), around (address of the neighbours' GeoJSON), around_codes and around_names, inset {shapes,
    codes, names, chosen, bounds} (the place among those beside it), here (code to outline), water [{kind, lon, lat}],
    ratio, better, target, legend, callouts (see figures.callouts), marks (whether places say how many bursts they have:
    column bursts). Where rows have a kind, those of kind spot are no places but dots: lon, lat, received
    (how many lie there), sentence."""
    if answer.facts.get("shapes"):
        return _shaped(answer, look)
    return _tiled(answer, look)


def _places(frame: "pd.DataFrame") -> "pd.DataFrame":
    return frame.loc[frame["kind"] == "place"] if "kind" in frame else frame


def _dots(frame: "pd.DataFrame", look: Look) -> list[dict[str, Any]]:
    """Where the orders lie: the area of a dot says how many."""
    if "kind" not in frame:
        return []
    spots = frame.loc[frame["kind"] == "spot", ["lon", "lat", "received", "sentence"]]
    if not len(spots):
        return []
    counts = spots["received"].tolist()
    largest, least = look.px * 0.8, look.px * 0.16
    most = max(*counts, 4)
    return [
        {
            "type": "scattergeo",
            "mode": "markers",
            "lon": spots["lon"].tolist(),
            "lat": spots["lat"].tolist(),
            "marker": {
                "size": [max(least, largest * math.sqrt(n / most)) for n in counts],
                "color": look.palette.text,
                "opacity": 0.6,
                "line": {"width": 0},
            },
            "text": spots["sentence"].tolist(),
            "hovertemplate": "%{text}<extra></extra>",
        }
    ]


NEAR = 0.28  # of the legend: a limit nearer than this to the target says nothing, so that no words meet


def _scale(answer: "Answer", values: Any, look: Look) -> tuple[list[list[Any]], float, float, list[float], list[str]]:
    """colour scale, low, high, tick values, tick words of a column of values. With a target: two grounds that meet at
    it."""
    p, facts = look.palette, answer.facts
    low, high = amount(values.min()), amount(values.max())
    low, high = (0.0, 1.0) if low is None or high is None else (low, high)
    target, better = facts.get("target"), facts.get("better")
    if high - low < 1e-9:
        low, high = low - abs(low) * 0.05 - 1e-6, high + abs(high) * 0.05 + 1e-6
    if target is not None and better in ("higher", "lower") and low < target < high:
        cut = (target - low) / (high - low)
        bad, good = [p.worse, _mixed(p.worse, p.surface, 0.45)], [p.ramp_3, p.ramp_0]
        if better == "lower":
            scale = [[0, good[1]], [cut, good[0]], [cut, bad[1]], [1, bad[0]]]
        else:
            scale = [[0, bad[0]], [cut, bad[1]], [cut, good[0]], [1, good[1]]]
        ticks = [low, target, high]
    else:
        scale = [[i / 4, colour] for i, colour in enumerate(p.ramp)]
        ticks = [low, high]
    said = [_said(t, answer, look) for t in ticks]
    if len(ticks) == 3:
        span = high - low
        if (ticks[1] - ticks[0]) < span * NEAR:
            said[0] = ""
        if (ticks[2] - ticks[1]) < span * NEAR:
            said[2] = ""
    return scale, low, high, ticks, said


def _said(value: float, answer: "Answer", look: Look) -> str:
    return f"{percent(value, 1)}%" if answer.facts.get("ratio") else number(value, look.lang)


def _mixed(one: str, other: str, share: float) -> str:
    parts = [round(int(one[i : i + 2], 16) * (1 - share) + int(other[i : i + 2], 16) * share) for i in (1, 3, 5)]
    return "#" + "".join(f"{v:02x}" for v in parts)


def colour_bar(answer: "Answer", look: Look, ticks: list[float], said: list[str]) -> dict[str, Any]:
    px = look.px
    over = look.wall and answer.facts.get("around")  # drilled, the map goes on below it
    plate = look.palette.background if over else "rgba(0,0,0,0)"
    return {
        "orientation": "h",
        "x": 0.01,
        "xanchor": "left",
        "y": 0.005,
        "yanchor": "bottom",
        "len": px * 15,
        "lenmode": "pixels",
        "thickness": px * 0.55,
        "outlinewidth": 0,
        "bgcolor": plate,
        "title": {
            "text": answer.facts.get("legend", ""),
            "side": "top",
            "font": {"size": look.small, "color": look.palette.muted},
        },
        "tickvals": ticks,
        "ticktext": said,
        "tickangle": 0,
        "tickfont": {"size": look.small, "color": look.palette.text},
        "xpad": px * 1.8,
        "ypad": px * 0.3,
    }


def _by_weight(frame: "pd.DataFrame", facts: dict[str, Any]) -> "pd.DataFrame":
    """Places that miss the target first, then large ones."""
    off = [misses(amount(value), facts.get("target"), facts.get("better", "")) for value in frame["value"]]
    return frame.assign(off=off).sort_values(["off", "size"], ascending=False)


def _shaped(answer: "Answer", look: Look) -> dict[str, Any]:
    p, facts, frame = look.palette, answer.facts, _places(answer.frame)
    scale, low, high, ticks, said = _scale(answer, frame["value"], look)
    traces: list[dict[str, Any]] = []
    traces += around(facts, look)
    told, missing = frame[["code", "value", "sentence"]], frame["value"].isna()
    known, unknown = told.loc[~missing], told.loc[missing]
    shape = {"type": "choropleth", "geojson": facts["shapes"], "hovertemplate": "%{text}<extra></extra>"}
    edge = {"color": p.background, "width": 0.9}
    traces.append(
        shape
        | {
            "locations": known["code"].tolist(),
            "z": known["value"].tolist(),
            "customdata": known["code"].tolist(),
            "text": known["sentence"].tolist(),
            "colorscale": scale,
            "zmin": low,
            "zmax": high,
            "marker": {
                "line": edge,
                "opacity": [0.45 if facts.get("here") not in ("", None, c) else 1 for c in known["code"]],
            },
            "colorbar": colour_bar(answer, look, ticks, said),
            "showscale": not look.wall,  # on a wall every place carries its number, and the unit is in the head
        }
    )
    if len(unknown):
        traces.append(
            shape
            | {
                "locations": unknown["code"].tolist(),
                "z": [0] * len(unknown),
                "customdata": unknown["code"].tolist(),
                "text": unknown["sentence"].tolist(),
                "colorscale": [[0, p.void], [1, p.void]],
                "showscale": False,
                "marker": {"line": edge},
            }
        )
    traces += streams(facts, look) + chosen(facts, look)
    traces += _dots(answer.frame, look)
    traces += callouts(facts.get("callouts", ()), _laid(frame), look, facts["bounds"])
    labels = _by_weight(frame, facts)  # where two have no room, the first one stays
    dark = [_is_bright(v, scale, low, high, look.theme == "light") for v in labels["value"]]
    words = [f"{n}<br><b>{s}</b>" for n, s in zip(labels["name"], labels["said"], strict=True)]
    placed = list(zip(labels["lon"].tolist(), labels["lat"].tolist(), words, dark, strict=True))
    for bright in dict.fromkeys(one[3] for one in placed):
        some = [one for one in placed if one[3] == bright]
        traces.append(
            {
                "type": "scattergeo",
                "mode": "text",
                "lon": [one[0] for one in some],
                "lat": [one[1] for one in some],
                "text": [one[2] for one in some],
                "textfont": {"size": look.small, "color": INK[bright], "shadow": halo(INK[bright], look)},
                "hoverinfo": "skip",
            }
        )
    if facts.get("marks") and not look.wall:
        traces += marks(list(rows(labels)), look, [INK[d] for d in dark])
    traces += beside(facts, look)
    return {"data": traces, "layout": layout(look, **geo(facts, look), annotations=[])}


def _laid(frame: "pd.DataFrame") -> list[Place]:
    return [Place(row.code, row.lon, row.lat, row.size) for row in rows(frame)]


def around(facts: dict[str, Any], look: Look) -> list[dict[str, Any]]:
    """The places around the one that is shown, grey; a click leads there."""
    if not facts.get("around"):
        return []
    p = look.palette
    return [
        {
            "type": "choropleth",
            "geojson": facts["around"],
            "locations": facts["around_codes"],
            "z": [0] * len(facts["around_codes"]),
            "colorscale": [[0, p.void], [1, p.void]],
            "showscale": False,
            "marker": {"line": {"color": p.hairline, "width": 0.8}, "opacity": 0.45},
            "customdata": facts["around_codes"],
            "text": facts["around_names"],
            "hovertemplate": "%{text}<extra></extra>",
        }
    ]


def streams(facts: dict[str, Any], look: Look, river: float = 1.6) -> list[dict[str, Any]]:
    """Rivers, so many pixels wide, and lakes. One trace each: every trace costs the browser some milliseconds."""
    traces, p, water = [], look.palette, facts.get("water", [])
    for rivers in (True, False):
        some = [one for one in water if (one["kind"] == "river") == rivers]
        if some:
            drawn = {"line": {"color": p.water, "width": river}, "opacity": 0.75}
            filled = {"line": {"color": p.water, "width": 0.8}, "fill": "toself", "fillcolor": p.water}
            traces.append(traced(some) | (drawn if rivers else filled))
    return traces


def traced(lines: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Lines (lon, lat) as one trace, with gaps between them."""
    joined = {name: [value for one in lines for value in (*one[name], None)][:-1] for name in ("lon", "lat")}
    return {"type": "scattergeo", "mode": "lines", "hoverinfo": "skip", **joined}


def chosen(facts: dict[str, Any], look: Look) -> list[dict[str, Any]]:
    """The outline of the place that it is about."""
    here = facts.get("here")
    if not here:
        return []
    return [
        {
            "type": "choropleth",
            "geojson": facts["shapes"],
            "hovertemplate": "%{text}<extra></extra>",
            "locations": [here],
            "z": [0],
            "colorscale": [[0, "rgba(0,0,0,0)"], [1, "rgba(0,0,0,0)"]],
            "showscale": False,
            "customdata": [here],
            "marker": {"line": {"color": look.palette.text, "width": 2.4}},
            "hoverinfo": "skip",
        }
    ]


def geo(facts: dict[str, Any], look: Look) -> dict[str, Any]:
    """The part of the layout that says what of the earth is seen; with an inset, of two maps."""
    west, south, east, north = facts["bounds"]
    inset = _inset(facts, look)
    return {
        **({"geo2": _corner(inset["bounds"], look)} if inset else {}),
        "geo": {
            "visible": False,
            "bgcolor": "rgba(0,0,0,0)",
            "projection": {"type": "mercator"},
            # The script widens these to the shape of the map's place before drawing: a map is cut where they end.
            "lonaxis": {"range": [west, east]},
            "lataxis": {"range": [south, north]},
            # what lies around a part of the city fills its place: the legend stands below it
            "domain": {"x": [0, 1], "y": [0.17 if facts.get("around") and not look.wall else 0, 1]},
        },
    }


def _inset(facts: dict[str, Any], look: Look) -> dict[str, Any] | None:
    told = None if look.wall else facts.get("inset")
    return told if told and told["bounds"] else None


def beside(facts: dict[str, Any], look: Look) -> list[dict[str, Any]]:
    """The place among those beside it, small in the corner: a click on one of them leads there."""
    p, inset = look.palette, _inset(facts, look)
    if inset is None:
        return []
    return [
        {
            "type": "choropleth",
            "geo": "geo2",
            "geojson": inset["shapes"],
            "locations": inset["codes"],
            "customdata": inset["codes"],
            "text": inset["names"],
            "z": [int(code == inset["chosen"]) for code in inset["codes"]],
            "zmin": 0,
            "zmax": 1,
            "colorscale": [[0, p.raised], [1, p.text]],
            "showscale": False,
            "marker": {"line": {"color": p.background, "width": 0.7}},
            "hovertemplate": "%{text}<extra></extra>",
        }
    ]


def _corner(bounds: tuple[float, float, float, float], look: Look) -> dict[str, Any]:
    west, south, east, north = bounds
    return {
        "visible": False,
        "bgcolor": look.palette.background,
        "projection": {"type": "mercator"},
        "lonaxis": {"range": [west, east]},
        "lataxis": {"range": [south, north]},
        "domain": {"x": [0.83, 1], "y": [0, 0.24]},
    }


def _is_bright(value: float, scale: list[list[Any]], low: float, high: float, light: bool) -> bool:
    """Whether the ground under a label is bright, so that dark ink reads better."""
    if math.isnan(value):
        return light
    at = (value - low) / (high - low or 1)
    below = max((s for s in scale if s[0] <= at + 1e-9), key=lambda s: s[0])
    above = min((s for s in scale if s[0] >= at - 1e-9), key=lambda s: s[0])
    share = 0 if above[0] == below[0] else (at - below[0]) / (above[0] - below[0])
    colour = _mixed(below[1], above[1], share)
    red, green, blue = (((int(colour[i : i + 2], 16) / 255 + 0.055) / 1.055) ** 2.4 for i in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.22


def _bursting(tile: Any, answer: "Answer", look: Look) -> str:
    if not answer.facts.get("marks") or not tile.bursts:
        return ""
    return f"<br>{MARK} {text('map.bursts', look.lang, n=exact(tile.bursts))}"


def _tiled(answer: "Answer", look: Look) -> dict[str, Any]:
    p, px = look.palette, look.px
    frame = _places(answer.frame)
    scale, low, high, ticks, said = _scale(answer, frame["value"], look)
    columns, lines = count(frame["column"].max()) + 1, count(frame["row"].max()) + 1
    ground: list[list[float | None]] = [[None] * columns for _ in range(lines)]
    codes: list[list[str | None]] = [[None] * columns for _ in range(lines)]
    words = [[""] * columns for _ in range(lines)]
    for tile in rows(frame):
        ground[tile.row][tile.column] = amount(tile.value)
        codes[tile.row][tile.column] = tile.code
        words[tile.row][tile.column] = tile.sentence
    few = columns <= 12
    notes = [
        {
            "x": tile.column,
            "y": tile.row,
            "text": f"{tile.name}<br><b>{tile.said}</b>{_bursting(tile, answer, look)}" if few else tile.name[:3],
            "showarrow": False,
            "font": {
                "size": px * (0.95 if few else 0.8),
                "color": INK[_is_bright(tile.value, scale, low, high, look.theme == "light")],
            },
            "captureevents": False,
        }
        for tile in rows(frame)
    ]
    notes.append(
        {
            "x": 1,
            "y": 0,
            "xref": "paper",
            "yref": "paper",
            "xanchor": "right",
            "yanchor": "bottom",
            "text": text("map.schematic", look.lang),
            "showarrow": False,
            "font": {"size": look.small, "color": p.muted},
        }
    )
    axis = layout(look)["xaxis"] | {"visible": False}
    return {
        "data": [
            {
                "type": "heatmap",
                "z": ground,
                "customdata": codes,
                "text": words,
                "hovertemplate": "%{text}<extra></extra>",
                "hoverongaps": False,
                "colorscale": scale,
                "zmin": low,
                "zmax": high,
                "xgap": 3,
                "ygap": 3,
                "colorbar": colour_bar(answer, look, ticks, said),
            }
        ],
        "layout": layout(
            look,
            margin={"l": px, "r": px, "t": px * 0.5, "b": px * 3.6},
            xaxis=axis | {"range": [-0.5, columns - 0.5]},
            yaxis=axis | {"range": [lines - 0.5, -0.5]},
            annotations=notes,
        ),
    }
