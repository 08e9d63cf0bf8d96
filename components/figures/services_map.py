"""Places by a number, and on them the halls with those who wait, and the kiosks."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from components.figures.region_map import region_map
from components.rows import rows
from components.theme import Look
from components.words import exact, text

if TYPE_CHECKING:
    from components.panel import Answer


def services_map(answer: "Answer", look: Look) -> dict[str, Any]:
    """answer.frame: as figures.region_map has it for rows of kind place; rows of kind hall and kiosk have lon, lat,
    sentence, and halls waiting (people) and state (over, tight, '')."""
    if not answer.facts.get("shapes"):
        return region_map(answer, look)  # tiles lie nowhere
    told = list(rows(answer.frame))
    figure = region_map(
        replace(answer, frame=answer.frame.assign(lat=_clear(told, answer.facts["bounds"], look.wall))), look
    )
    kiosks = [row for row in told if row.kind == "kiosk"]
    halls = sorted((row for row in told if row.kind == "hall"), key=_weight)
    traces = figure["data"]
    words = next((i for i, trace in enumerate(traces) if trace.get("mode") == "text"), len(traces))
    traces[words:words] = [*_kiosks(kiosks, look), *_halls(halls, look)]  # names make room for rings and numbers
    if (halls or kiosks) and not look.wall:
        figure["layout"]["annotations"] = [
            *figure["layout"].get("annotations", []),
            _legend(bool(kiosks), answer, look),
        ]
    return figure


# Of the map: how near a ring comes before it covers the words of a place; a map on a wall is few lines high.
WIDE, HIGH = {False: 0.1, True: 0.14}, {False: 0.085, True: 0.15}
STEPS = (0.0, 0.04, -0.04, 0.07, -0.07, 0.1, -0.1, 0.13, -0.13, 0.16, -0.16)


def _clear(told: list[Any], bounds: tuple[float, float, float, float], wall: bool) -> list[float]:
    """The latitude of every row; of places moved up or down to where no hall's ring covers their words."""
    west, south, east, north = bounds
    width, height = east - west, north - south
    taken = [(row.lon, row.lat) for row in told if row.kind == "hall"]
    found = []
    for row in told:
        lat = row.lat
        if row.kind == "place":
            able = [lat + step * height for step in STEPS]
            free = [
                y
                for y in able
                if not any(abs(x - row.lon) < WIDE[wall] * width and abs(y - b) < HIGH[wall] * height for x, b in taken)
            ]
            lat = free[0] if free else lat
            taken.append((row.lon, lat))
        found.append(lat)
    return found


def _weight(row: Any) -> tuple[bool, float]:
    """What is drawn last lies above: the loaded and the full."""
    return row.state != "", row.waiting if row.waiting == row.waiting else -1.0


def _kiosks(some: list[Any], look: Look) -> list[dict[str, Any]]:
    if not some:
        return []
    p = look.palette
    marker = {"size": look.px * 0.3, "color": p.text, "opacity": 0.8, "line": {"width": 0.5, "color": p.background}}
    return [_points(some) | {"mode": "markers", "marker": marker}]


def _points(some: list[Any]) -> dict[str, Any]:
    return {
        "type": "scattergeo",
        "lon": [row.lon for row in some],
        "lat": [row.lat for row in some],
        "hovertext": [row.sentence for row in some],
        "hovertemplate": "%{hovertext}<extra></extra>",
    }


def _halls(some: list[Any], look: Look) -> list[dict[str, Any]]:
    """A ring each: with who waits in it where somebody does."""
    if not some:
        return []
    p = look.palette
    rings = {"over": p.alarm_red, "tight": p.alarm_yellow, "": p.text}
    waits = [row.waiting if row.waiting == row.waiting else 0 for row in some]
    return [
        _points(some)
        | {
            "mode": "markers",
            "customdata": [f'{{"hall": "{row.code}"}}' for row in some],
            "marker": {
                "size": [look.px * (1.7 if n else 0.7) for n in waits],
                "color": p.surface,
                "opacity": 1,
                "line": {
                    "width": [look.px * (0.2 if row.state else 0.12) for row in some],
                    "color": [rings[row.state] for row in some],
                },
            },
        },
        _points(some[::-1])
        | {
            "mode": "text",
            "meta": "mark",
            "text": [exact(n) if n else "" for n in waits[::-1]],
            "textfont": {"size": look.small, "color": p.text, "weight": 700},
            "hoverinfo": "skip",
        },
    ]


def _legend(kiosks: bool, answer: "Answer", look: Look) -> dict[str, Any]:
    key = "services_map.legend_kiosks" if kiosks else "services_map.legend"
    return {
        "x": 0.82 if answer.facts.get("inset") else 1,
        "y": 0,
        "xref": "paper",
        "yref": "paper",
        "xanchor": "right",
        "yanchor": "bottom",
        "align": "right",
        "text": text(key, look.lang),
        "showarrow": False,
        "font": {"size": look.small, "color": look.palette.muted},
    }
