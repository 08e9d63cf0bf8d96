"""What came in, went out and was left over, as lines, bars and rows; and half a year of days as a calendar."""

from datetime import date
from typing import Any

from components import markup as html
from components.attributes import attributes
from components.panel import Answer
from components.rows import amount, given
from components.rows import rows as rows_of
from components.theme import Look
from components.words import exact, number, percent, text

FREE = ("weekend", "holiday")
LEVELS = 5


def throughput(answer: Answer, look: Look) -> html.Element:
    """answer.frame: see pages/services/throughput.py. facts: chosen, balance {opening, arrivals, closures, closing,
    off, now}, received, channels [(code, name, accepted)] where days are shown."""
    chosen, lang = answer.facts["chosen"], look.lang
    if chosen == "hour":
        parts = [_hours(answer, lang)]
    elif chosen:
        parts = [_rows(answer, lang)]
    else:
        parts = [*_lines(answer, look), _channels(answer.facts["channels"], lang)]
    return html.Div(
        [*parts[:-1], _balance(answer.facts["balance"], lang), parts[-1]]
        if not chosen
        else [*parts, _balance(answer.facts["balance"], lang)],
        className=f"flowing by-{chosen or 'day'}",
    )


def _balance(told: dict[str, Any], lang: str) -> html.Element:
    """Opening + accepted - finished = open, and whether it is."""
    off = int(told["off"])
    n = {key: exact(told[key]) for key in ("opening", "arrivals", "closures", "closing")}
    key = "closing" if told["now"] else "closing_then"
    parts: list[Any] = [
        f"{text('throughput.opening', lang, n=n['opening'])} + {text('throughput.arrivals', lang, n=n['arrivals'])}"
        f" − {text('throughput.closures', lang, n=n['closures'])} {'≠' if off else '='} ",
        html.B(text(f"throughput.{key}", lang, n=n["closing"])),
    ]
    words = text("throughput.broken", lang, n=exact(abs(off))) if off else text("throughput.balanced", lang)
    parts.append(html.Span(f"{'⚠' if off else '✓'} {words}", className="check " + ("off" if off else "kept")))
    return html.P(parts, className="balance")


def _path(values: list[float | None], low: float, high: float) -> str:
    """A line through the middle of each day, broken where nothing is known."""
    reach, found, pen = (high - low) or 1.0, [], "M"
    for n, value in enumerate(values):
        if value is None:
            pen = "M"
            continue
        found.append(f"{pen}{n + 0.5:.1f} {100 - (value - low) / reach * 100:.2f}")
        pen = "L"
    return "".join(found)


def _svg(
    lines: list[tuple[list[float | None], str]], low: float, high: float, free: list[bool], look: Look
) -> html.Element:
    """Lines over days, free days shaded, two grid lines."""
    days, thick = len(free), max(1.6, look.px / 8)
    shade = [html.Rect(x=n, y=0, width=1, height=100) for n, one in enumerate(free) if one]
    drawn = [
        html.Path(d=_path(values, low, high), stroke=colour, **(html.STROKE | {"stroke-width": f"{thick:.1f}"}))
        for values, colour in lines
    ]
    behind = html.G(shade, fill=look.palette.raised, **{"fill-opacity": 0.6})
    return html.drawing([behind, *drawn], days, 100, "lines")


def _top(value: float) -> float:
    """A round number not below the value."""
    step = 10 ** max(len(str(int(max(value, 1)))) - 1, 0)
    return next(n * step for n in (1, 1.5, 2, 3, 4, 5, 6, 8, 10) if n * step >= value)


def _lines(answer: Answer, look: Look) -> list[html.Element]:
    lang, palette = look.lang, look.palette
    days = list(rows_of(answer.frame))
    free = [row.kind in FREE for row in days]
    accepted, finished, left = (
        [amount(getattr(row, name)) if row.whole or name == "open" else None for row in days]
        for name in ("accepted", "finished", "open")
    )
    top = _top(max((v for v in (*accepted, *finished) if v is not None), default=1.0))
    known = [v for v in left if v is not None]
    high, low = max(known, default=1.0), min(known, default=0.0)
    low = 0.0 if low < high * 0.35 else low - (high - low) * 0.3
    running = days[-1] if days and not days[-1].whole else None
    key: list[Any] = [
        html.Span(text("throughput.accepted", lang), className="accepted"),
        text("throughput.and", lang),
        html.Span(text("throughput.finished", lang), className="finished"),
        text("throughput.a_day", lang),
    ]
    if running is not None and given(running.accepted):
        said = text("throughput.today", lang, a=exact(running.accepted), f=exact(running.finished))
        key.append(html.Span(said, className="today"))
    strips = [html.Span(title=_said(row, lang)) for row in days]
    at = [0, len(days) // 3, len(days) * 2 // 3, len(days) - 1] if len(days) > 3 else range(len(days))
    dates = [html.Span(f"{days[n].day:%m-%d}") for n in at]
    return [
        html.P(key, className="key"),
        html.Div(
            [
                _svg([(finished, palette.muted), (accepted, palette.accent)], 0.0, top, free, look),
                html.Span(number(top, lang), className="top"),
                html.Div(strips, className="strips"),
            ],
            className="plot",
        ),
        html.P([text("throughput.open", lang), html.B(number(known[-1], lang) if known else "")], className="key left"),
        html.Div(
            [_svg([(left, palette.ramp_4)], low, high, free, look), html.Div(strips, className="strips")],
            className="plot stock",
        ),
        html.Div(dates, className="axis"),
    ]


def _said(row: Any, lang: str) -> str:
    if not given(row.received):
        return f"{row.day:%m-%d} {text('throughput.nothing', lang)}"
    numbers = {name: exact(getattr(row, name)) for name in ("received", "accepted", "finished", "open")}
    return text("throughput.of_day", lang, day=f"{row.day:%m-%d}", **numbers)


def _channels(channels: list[tuple[str, str, int]], lang: str) -> html.Element:
    """Of what was accepted, by channel: one bar."""
    whole = sum(n for _, _, n in channels) or 1
    parts = [
        html.Span(className=f"part c{i}", style={"width": f"{n / whole * 100:.2f}%"}, title=f"{name} {exact(n)}")
        for i, (_, name, n) in enumerate(channels)
    ]
    words = [
        html.A(
            [name, html.B(f"{percent(n / whole, 1)}%")], href="#",
            **attributes({"data-set": "channel", "data-value": code}),
        )
        for code, name, n in channels
    ]  # fmt: skip
    return html.Div([html.Div(parts, className="split"), html.Div(words, className="words")], className="channels")


def _hours(answer: Answer, lang: str) -> html.Element:
    told = list(rows_of(answer.frame))
    most = max((max(row.received_a_day, row.finished_a_day) for row in told), default=0.0) or 1.0
    bars = []
    for row in told:
        title = text(
            "throughput.of_hour", lang, hour=f"{row.hour:02d}", came=exact(row.received), went=exact(row.finished),
            a=f"{row.received_a_day:.1f}", f=f"{row.finished_a_day:.1f}",
        )  # fmt: skip
        pair = [
            html.Span(className="came", style={"height": f"{row.received_a_day / most * 100:.1f}%"}),
            html.Span(className="went", style={"height": f"{row.finished_a_day / most * 100:.1f}%"}),
        ]
        label = f"{row.hour}" if row.hour % 3 == 0 else ""
        bars.append(html.Li([html.Span(pair, className="pair"), html.Span(label, className="hour")], title=title))
    key = [
        html.Span(text("throughput.received", lang), className="accepted"), text("throughput.and", lang),
        html.Span(text("throughput.finished", lang), className="finished"), text("throughput.an_hour", lang),
    ]  # fmt: skip
    tops = html.Span(text("throughput.most", lang, n=f"{most:,.0f}"), className="today")
    return html.Div([html.P([*key, tops], className="key"), html.Ol(bars, className="hours")], className="by-hours")


def _rows(answer: Answer, lang: str) -> html.Element:
    """Opening, accepted, finished and what is left of each channel or department."""
    columns = ("opening", "accepted", "finished", "closing", "overdue")
    some = list(rows_of(answer.frame))
    most = max((row.accepted for row in some), default=0) or 1
    head = [html.Span("", className="name"), *(html.Span(text(f"throughput.c_{name}", lang)) for name in columns)]
    lines = []
    for row in some:
        cells: list[Any] = [html.Span(row.name, className="name", title=row.name)]
        cells += [
            html.Span(
                number(getattr(row, name), lang),
                className="n off" if name == "overdue" and row.overdue else f"n {name}",
                title=exact(getattr(row, name)),
            )
            for name in columns
        ]
        bar = html.Span(className="fill", style={"width": f"{row.accepted / most * 100:.1f}%"})
        link = attributes({"data-set": answer.facts["chosen"], "data-value": row.code})
        lines.append(html.Li(html.A([bar, *cells], href="#", **link)))
    return html.Div(
        [html.Div(head, className="flow-head"), html.Ol(lines, className="rows flows fits", tabIndex="0")],
        className="flow-rows",
    )


# ---- half a year of days ---------------------------------------------------------------------------------------------


def calendar(answer: Answer, look: Look) -> html.Element:
    """answer.frame: day, received, kind, name, week, weekday, oldest first. facts: most, weeks, chosen (the period),
    today."""
    lang, facts = look.lang, answer.facts
    days = list(rows_of(answer.frame))
    most = facts["most"] or 1.0
    cells, months, names = [], [], []
    seen_month, named = None, ""
    for row in days:
        day = row.day.date()
        column = row.week + 1
        if day.day <= 7 and day.month != seen_month and column < facts["weeks"]:
            months.append(
                html.Span(text("calendar.month", lang, n=_month(day, lang)), style={"grid-column": f"{column}"})
            )
            seen_month = day.month
        if row.name and row.name != named:
            if names and names[-1][0] > column - 4:  # no room for both
                names[-1] = (names[-1][0], f"{names[-1][1]} {row.name}")
            else:
                names.append((column, row.name))
        named = row.name
        cells.append(_cell(row, day, most, facts, lang))
    weekdays = [html.Span(text(f"calendar.d{n}", lang) if n % 2 else "") for n in range(1, 8)]
    said = [
        html.Span(
            name,
            style={
                "grid-column": f"{min(at, facts['weeks'] - 4)} / span 9"
                if at < facts["weeks"] - 9
                else f"{min(at, facts['weeks'] - 4)} / -1"
            },
        )
        for at, name in names
    ]
    levels = [html.Span(className=f"cell l{n}") for n in range(LEVELS)]
    key = [
        html.Span(["0", *levels, number(most, lang)], className="scale"),
        html.Span([html.Span(className="cell free"), text("calendar.holiday", lang)]),
        html.Span([html.Span(className="cell l2 moved"), text("calendar.moved", lang)]),
    ]
    return html.Div(
        [
            html.Div(months, className="months"),
            html.Div(weekdays, className="weekdays"),
            html.Div(cells, className="cells"),
            html.Div(said, className="months holidays"),
            html.P(key, className="key"),
        ],
        className="calendar",
    )


def _month(day: date, lang: str) -> str:
    return f"{day.month}" if lang == "zh" else f"{day:%b}"


def _cell(row: Any, day: date, most: float, facts: dict[str, Any], lang: str) -> html.Element:
    value = amount(row.received)
    level = "none" if value is None else f"l{min(int(value / most * LEVELS), LEVELS - 1)}"
    css = ["cell", level]
    css += ["free"] if row.kind == "holiday" else ["moved"] if row.kind == "moved_workday" else []
    css += ["today"] if day == facts["today"] else []
    period = f"{day}..{day}"
    kind = row.name or text(f"calendar.{row.kind}", lang)
    said = text("throughput.nothing", lang) if value is None else text("calendar.cases", lang, n=exact(value))
    css += ["chosen"] if facts["chosen"] == period else []
    link = attributes({"data-set": "period", "data-value": "" if facts["chosen"] == period else period})
    title = " · ".join((f"{day} {text(f'calendar.w{day.isoweekday()}', lang)}", kind, said))
    return html.A(
        "", href="#", className=" ".join(css), title=title,
        style={"grid-column": f"{row.week + 1}", "grid-row": f"{row.weekday}"}, **link,
    )  # fmt: skip
