"""The release board: gauge and numbers, three releases on shared axes, the way of the water, advice and its course."""

from datetime import timedelta
from typing import Any

from components import markup as html
from components.attributes import attributes
from components.bodies.flood_constants import constants
from components.bodies.flood_course import course
from components.bodies.flood_curves import Axis, above, between, chart, hours, path, scale, stairs
from components.panel import Answer
from components.theme import Look
from components.words import text

Facts = dict[str, Any]
HIGH = 75.0  # % of a chart's height, above which no words have room over a line


def flood_board(answer: Answer, look: Look) -> html.Element:
    """facts: see pages.flood.board."""
    facts, lang = answer.facts, look.lang
    shut = html.A(
        text("board.close", lang),
        href="#",
        className="shut",
        **attributes({"data-fields": '{"reservoir": "", "plan": ""}'}),
    )
    if "lacking" in facts:
        return html.Div([shut, html.H3(facts["name"]), html.P(facts["lacking"], className="says")], className="board")
    head = html.Div(
        [
            html.Div(
                [
                    html.Span([text("board.page", lang), " › ", html.B(facts["name"])], className="crumbs"),
                    html.Span(facts["calc"], className="sub"),
                    shut,
                ]
            ),
            html.Div([html.H3(facts["headline"]), html.Span(text("board.badge", lang), className="badge")]),
        ],
        className="board-head",
    )
    axes = _axes(facts)
    columns = [_column(one, i, facts, axes, lang) for i, one in enumerate(facts["columns"])]
    middle = html.Div([_scales(facts, axes, lang), *columns], className="board-columns")
    right = html.Div([_arrivals(facts, lang), _reasons(facts, lang), course(facts, lang)], className="board-right")
    compared = constants(facts["constants"], lang, wall=facts["wall"])
    body = html.Div([_left(facts, lang), middle, compared, right], className="board-body")
    return html.Div([head, body], className="board")


# ---- the reservoir -----------------------------------------------------------------------------------------------


def _left(facts: Facts, lang: str) -> html.Element:
    gauge = facts["gauge"]
    blocks = [
        html.Div(
            [
                html.Span(one["name"], className="what"),
                html.Span([html.B(one["value"]), html.Small(one["unit"])], className="value"),
                html.Span(one["below"], className="sub") if one["below"] else None,
            ],
            className=f"number n-{one['key']}",
        )
        for one in facts["numbers"]
    ]
    top = html.Div(
        [
            html.Span([html.B(f"{gauge['level']:.2f}", className="figure"), " m ", gauge["arrow"]]),
            html.Span([html.Small(text("board.to_limit", lang)), html.B(f"{gauge['over']} m")], className="over")
            if gauge["over"]
            else None,
        ],
        className="gauge-top",
    )
    return html.Div([top, _gauge(gauge, lang), html.Div(blocks, className="numbers")], className="board-left")


def _gauge(gauge: Facts, lang: str) -> html.Element:
    """A column from dead level to crest; the marks' words are pushed apart, their lines are not."""
    marks = gauge["marks"]
    values = [value for _, _, value in marks] + [gauge["level"]]
    axis = Axis(min(values), max(values))
    inside = [
        html.Span(
            [html.B(f"{gauge['level']:.2f}"), html.Small(f"{gauge['storage']} {text('board.wan', lang)}")],
            className="water",
            style={"--at": f"{axis.up(gauge['level']):.1f}%"},
        )
    ]
    inside += [
        html.Span(className=f"line {name}", style={"--at": f"{axis.up(value):.1f}%"}) for name, _, value in marks
    ]
    inside += [
        html.Span(numeral, className="ring", style={"--at": f"{axis.up(level):.1f}%", "--n": str(i)})
        for i, (numeral, level) in enumerate(gauge["peaks"])
    ]
    placed = _apart([axis.up(value) for _, _, value in marks], 9.0)
    names = [
        html.Span([html.Span(words), html.B(f"{value:.2f}")], className=f"mark {name}", style={"--at": f"{place:.1f}%"})
        for (name, words, value), place in zip(marks, placed, strict=True)
    ]
    return html.Div([html.Div(inside, className="tank"), html.Div(names, className="marks")], className="gauge")


def _apart(places: list[float], least: float) -> list[float]:
    """Places from top to bottom, moved so that no two are nearer than `least`."""
    found = list(places)
    for i in range(1, len(found)):
        found[i] = min(found[i], found[i - 1] - least)
    if found and found[-1] < 0:
        found[-1] = 0.0
        for i in range(len(found) - 2, -1, -1):
            found[i] = max(found[i], found[i + 1] + least)
    return found


# ---- candidates --------------------------------------------------------------------------------------------------


def _axes(facts: Facts) -> list[Axis]:
    """Of flows in and out, of the level, and of each station below: shared by the candidates."""
    columns = facts["columns"]
    most = max(*columns[0]["inflow"][2], *(q for one in columns for q in one["release"][1]))
    levels = [z for one in columns for line in one["level"] for z in (min(line), max(line))]
    levels += [z for z in (facts["limit"], facts["target"]) if z is not None]
    room = max(levels) - min(levels)
    made = [Axis(0, most * 1.15), Axis(min(levels) - 0.08 * room, max(levels) + 0.14 * room)]
    for code, _, safe in facts["stations"]:
        top = max(safe, *(max(one["flows"][code][2]) for one in columns))
        made.append(Axis(0, top * 1.12))
    return made


def _scales(facts: Facts, axes: list[Axis], lang: str) -> html.Element:
    """The axes' values, once, at the left of the candidates."""
    lanes = [html.Div(scale(axis), className="scale") for axis in axes]
    return html.Div([html.Div(), html.Div(), *lanes, html.Div(), html.Div()], className="board-scales")


def _column(one: Facts, index: int, facts: Facts, axes: list[Axis], lang: str) -> html.Element:
    good = one["kind"] == "good"
    head = html.Div(
        [
            html.Div(
                [
                    html.Strong(f"{one['numeral']} {one['title']}"),
                    html.Span(text("board.advised" if one["feasible"] else "board.least", lang), className="chosen-one")
                    if one["advised"]
                    else None,
                ]
            ),
            html.Span(one["sub"], className="sub"),
        ],
        className="candidate-head",
    )
    verdict = html.Div(
        [
            html.B("✓" if good else "◆"),
            html.B(text(f"board.{'feasible' if good else 'bad_' + one['kind']}", lang)),
            html.Span(one["words"]),
        ],
        className=f"verdict {'good' if good else 'bad'}",
        title=one["words"],
    )
    rows = [_flows(one, index, facts, axes[0], lang), _level(one, facts, axes[1], lang)]
    rows += [_below(one, station, axis, facts, lang) for station, axis in zip(facts["stations"], axes[2:], strict=True)]
    return html.Div(
        [
            head,
            verdict,
            *rows,
            _window(one, facts, lang),
            _edit(one, facts, lang) if index == 1 else _nothing(index, facts, lang),
        ],
        className="candidate" + (" advised" if one["advised"] else ""),
    )


def _nothing(index: int, facts: Facts, lang: str) -> html.Element:
    """Where the middle one has its inputs."""
    if index == 0 or facts["ramp"] is None:
        return html.Div(className="plan-edit empty")
    return html.Div(
        html.Span(text("board.ramp", lang, value=f"{facts['ramp']:,.0f}"), className="sub"), className="plan-edit empty"
    )


def _titled(name: str, said: list[Any], body: html.Element) -> html.Element:
    return html.Div(
        [html.Div([html.Span(name), html.Span(said, className="said")], className="row-head"), body],
        className="curve-row",
    )


def _word(words: str, axis: Axis, value: float, css: str = "") -> html.Element:
    """Words on a line across the chart, under it where there is no room above."""
    at = axis.up(value)
    css = f"label {css}{' under' if at > HIGH else ''}".rstrip()
    return html.Span(words, className=css, style={"--at": f"{at:.1f}%"})


def _flows(one: Facts, index: int, facts: Facts, axis: Axis, lang: str) -> html.Element:
    low, middle, high = one["inflow"]
    drawn = [
        html.Path(d=between(low, high, axis), className="band grey"),
        html.Path(d=path(middle, axis), className="line grey"),
        html.Path(d=stairs(one["release"][1], axis), className="line out"),
    ]
    last, whole = len(middle) - 1, (len(middle) - 1) * facts["dt"]
    labels = [
        html.Span(
            text("board.inflow_line", lang),
            className="label free",
            style={"--at": f"{axis.up(max(middle)):.1f}%", "--x": f"{middle.index(max(middle)) / last * 100:.1f}%"},
        )
    ]
    if index == 1:
        labels += [
            html.Span(
                className="handle",
                style={"--at": f"{axis.up(flow):.2f}%", "--x": f"{min(max(start / whole, 0), 1) * 100:.2f}%"},
                **attributes({"data-step": str(i), "title": text("board.drag", lang)}),
            )
            for i, (start, flow) in enumerate(one["steps"])
        ]
    more = attributes({"data-hours": str(whole), "data-high": f"{axis.high:.3f}"})
    said: list[Any] = [html.B(text("board.most_out", lang, value=f"{one['most']:,.0f}"))]
    if one["capped"]:
        said.append(html.Span(text("board.capped", lang), className="bad"))
    return _titled(text("board.q_row", lang), said, chart(drawn, axis, labels, **more))


def _level(one: Facts, facts: Facts, axis: Axis, lang: str) -> html.Element:
    low, middle, high = one["level"]
    limit, target = facts["limit"], facts["target"]
    drawn = [
        html.Path(d=between(low, high, axis), className="band"),
        html.Path(d=path(middle, axis), className="line"),
    ]
    labels = []
    if target is not None:
        drawn.append(html.Path(d=f"M0 {axis.y(target)}H100", className="limit target"))
        if over := above(high, target, axis):
            drawn.append(html.Path(d=over, className="over"))
        labels.append(_word(text("board.target_line", lang, value=f"{target:.2f}"), axis, target, "target"))
    if limit is not None and limit != target:
        drawn.append(html.Path(d=f"M0 {axis.y(limit)}H100", className="limit"))
        labels.append(_word(text("board.limit_line", lang, value=f"{limit:.2f}"), axis, limit, "right"))
    peak = one["peak"]
    if target is None:
        said = [text("board.peak_only", lang, value=f"{peak[1]:.2f}")]
    else:
        left = peak[1] - target
        words = text("board.peak_z", lang, value=f"{peak[1]:.2f}", left=f"{left:+.2f}".replace("-", "−"))
        said = [html.B(words, className="bad" if left > 0 else None)]
        if peak[2] > target:
            said.append(html.Span(text("board.high_z", lang, value=f"{peak[2]:.2f}"), className="bad"))
    return _titled(text("board.z_row", lang), said, chart(drawn, axis, labels))


def _below(one: Facts, station: tuple[str, str, float], axis: Axis, facts: Facts, lang: str) -> html.Element:
    code, name, safe = station
    low, middle, high = one["flows"][code]
    drawn = [
        html.Path(d=between(low, high, axis), className="band"),
        html.Path(d=over, className="over") if (over := above(middle, safe, axis)) else None,
        html.Path(d=path(middle, axis), className="line"),
        html.Path(d=f"M0 {axis.y(safe)}H100", className="limit safe"),
    ]
    peak = one["peaks"][code]
    left, high_left = (0.0 if -0.5 < room < 0 else room for room in (safe - peak[1], safe - peak[2]))
    key = "board.peak_q" if left >= 0 else "board.peak_over"
    more = "board.high_left" if high_left >= 0 else "board.high_over"
    said = [
        html.B(
            text(key, lang, value=f"{peak[1]:,.0f}", left=f"{abs(left):,.0f}"), className="bad" if left < 0 else None
        ),
        html.Span(text(more, lang, value=f"{abs(high_left):,.0f}")),
    ]
    labels = [_word(text("board.safe", lang, value=f"{safe:,.0f}"), axis, safe, "right")]
    return _titled(text("board.d_row", lang, name=name), said, chart(drawn, axis, labels))


def _window(one: Facts, facts: Facts, lang: str) -> html.Element:
    """When the plan may start: by the reservoir, by the river below, and when it does."""
    whole = (facts["steps"] - 1) * facts["dt"]

    def x(hours_: float) -> str:
        return f"{min(max(hours_ / whole, 0), 1) * 100:.1f}%"

    def clock(hours_: float) -> str:
        moment = facts["at"] + timedelta(hours=hours_)
        return f"{moment:%H:%M}" if moment.date() == facts["at"].date() else f"{moment:%m-%d %H:%M}"

    bars: list[html.Element] = []
    if not one["steps"]:
        bars.append(html.Span(text("board.w_hold", lang), className="none"))
    else:
        latest = one["latest"]
        words = (
            text("board.w_free", lang)
            if latest == "never"
            else text("board.w_late", lang)
            if latest is None
            else text("board.w_reservoir", lang, time=clock(latest))
        )
        until = whole if latest == "never" else latest or 0.0
        bars.append(html.Div(html.Span(words), className="span-bar", style={"--from": "0%", "--to": x(until)}))
        spans = [(a, b) for a, b in one["windows"]]
        if spans:
            words = text(
                "board.w_below",
                lang,
                spans=", ".join(f"{clock(a)}—{clock(b) if b < whole else ''}" for a, b in spans[:2]),
            )
            first, last = spans[0][0], spans[-1][1]
            inside = [html.Sign(style={"--from": x(a), "--to": x(b)}) for a, b in spans]
            bars.append(
                html.Div(
                    [*inside, html.Span(words)], className="span-bar many", style={"--from": x(first), "--to": x(last)}
                )
            )
        else:
            bars.append(
                html.Div(
                    html.Span(text("board.w_below_none", lang)),
                    className="span-bar",
                    style={"--from": "0%", "--to": "0%"},
                )
            )
        start = one["steps"][0][0]
        bars.append(
            html.Div(
                html.Span(text("board.w_start", lang, time=clock(start))),
                className="begins",
                style={"--from": x(start)},
            )
        )
    ticks = [
        html.Span(words, className="oclock", style={"--x": f"{place:.1f}%"})
        for place, words in hours(facts["at"], whole)
    ]
    now = html.Span(text("board.now", lang), className="oclock now", style={"--x": "0%"})
    return html.Div(
        [
            html.Div(html.Span(text("board.window", lang)), className="row-head"),
            html.Div(bars, className="spans"),
            html.Div([now, *ticks], className="clock-axis"),
        ],
        className="start-window",
    )


def _edit(one: Facts, facts: Facts, lang: str) -> html.Element:
    """The plan as numbers that can be changed; the script makes an address of them."""
    if facts["wall"]:
        return html.Div(className="plan-edit empty")
    first, end = facts["at"], facts["at"] + timedelta(hours=(facts["steps"] - 1) * facts["dt"])
    rows = []
    for start, flow in one["steps"]:
        moment = facts["at"] + timedelta(hours=start)
        rows.append(
            html.Div(
                [
                    html.Input(
                        type="datetime-local",
                        value=f"{moment:%Y-%m-%dT%H:%M}",
                        min=f"{first:%Y-%m-%dT%H:%M}",
                        max=f"{end:%Y-%m-%dT%H:%M}",
                        step="900",
                        **attributes({"aria-label": text("board.e_time", lang)}),
                    ),
                    html.Input(
                        type="number", value=f"{flow:g}", min="0", max="20000", step="10",
                        **attributes({"aria-label": text("board.e_flow", lang)}),
                    ),
                    html.Button("×", type="button", className="remove", title=text("board.e_remove", lang)),
                ],
                className="plan-step",
            )
        )  # fmt: skip
    links = [html.Button(text("board.e_add", lang), type="button", className="add")]
    if facts["own"]:
        links.append(
            html.A(text("board.e_reset", lang), href="#", **attributes({"data-set": "plan", "data-value": ""}))
        )
    seed = facts["at"].replace(minute=0) + timedelta(hours=2)
    told = attributes(
        {
            "data-at": f"{facts['at']:%Y-%m-%dT%H:%M}",
            "data-seed": f"{seed:%Y-%m-%dT%H:%M}",
            "data-flow": f"{one['release'][1][0]:.0f}",
        }
    )
    return html.Div([*rows, html.Div(links, className="plan-links")], className="plan-edit", **told)


# ---- where the water goes, and why -------------------------------------------------------------------------------


def _arrivals(facts: Facts, lang: str) -> html.Element:
    told = facts["arrivals"]
    sub = (
        text("board.arrivals_sub", lang, title=facts["arrivals_of"])
        if facts["arrivals_of"]
        else text("board.arrivals_if", lang, time=told[0]["time"])
    )
    rows = [
        html.Li(
            [
                html.Span(
                    [html.Small(f"↓ {one['hours']}") if one["hours"] else None, html.B(one["name"])], className="to"
                ),
                html.B(one["time"], className="when"),
                html.Span([html.Span(one["who"], title=one["who"]), html.Small(one["before"])], className="who"),
            ]
        )
        for one in told
    ]
    head = html.Div([html.Strong(text("board.arrivals", lang)), html.Span(sub, className="sub")], className="part-head")
    return html.Div([head, html.Ol(rows, className="arrivals fits")], className="part part-arrivals")


def _reasons(facts: Facts, lang: str) -> html.Element:
    rows = [html.Li([html.B(what), html.Span(why)]) for what, why in facts["reasons"]]
    head = html.Div(
        [html.Strong(text("board.reasons", lang)), html.Span(text("board.reasons_sub", lang), className="sub")],
        className="part-head",
    )
    return html.Div([head, html.Ol(rows, className="because fits")], className="part part-reasons")
