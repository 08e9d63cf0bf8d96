"""Halls live as rows that are read against the two lines of utilisation, and what other numbers of windows would do."""

from typing import Any

from components import markup as html
from components.attributes import attributes
from components.panel import Answer
from components.rows import amount
from components.rows import rows as rows_of
from components.theme import Look
from components.words import DASH, exact, text

REACH = 1.25  # utilisation at the end of a lane; more ends open
SIGNS = {"over": "▲", "tight": "◆"}


def _one(value: float | None, digits: int = 0) -> str:
    return DASH if value is None else f"{value:,.{digits}f}"


Lines = tuple[float, float]  # utilisation above which a hall is tight, and from which it is overloaded


def _lines(at: Lines) -> list[html.Element]:
    return [
        html.Span(className=f"line {css}", style={"left": f"{line / REACH * 100:.2f}%"})
        for line, css in zip(at, ("tight", "over"), strict=True)
    ]


def _lane(row: Any, lines: Lines) -> html.Element:
    load = amount(row.utilisation)
    if load is None:
        return html.Span(_lines(lines), className="h-lane none")
    share = min(load / REACH, 1.0) * 100
    fill = html.Span(
        className=f"fill {row.state}{' cut' if load > REACH else ''}".strip(), style={"width": f"{share:.1f}%"}
    )
    said = html.Span(f"{load:.2f}", className="rho", style={"left": f"{share:.1f}%"}) if load < lines[0] - 0.2 else None
    return html.Span([fill, *_lines(lines), said], className="h-lane", title=f"ρ = {load:.3f}")


def _signed(sign: str, words: str) -> list[html.Element]:
    """A wall with few letters shows the sign alone."""
    return [html.Span(sign, className="h-sign"), html.Span(f" {words}", className="words")]


def _word(row: Any, tickets: bool, lang: str) -> html.Element:
    if row.doubtful:
        title = text("halls.doubtful_why", lang, counted=f"{row.little_counted:.1f}", told=f"{row.little_expected:.1f}")
        return html.Span(_signed("?", text("halls.doubtful", lang)), className="h-word doubtful", title=title)
    if row.state:
        words = _signed(SIGNS[row.state], text(f"halls.{row.state}", lang))
        return html.Span(words, className=f"h-word {row.state}", title=f"ρ = {amount(row.utilisation) or 0:.2f}")
    clears = amount(row.clears)
    if not tickets and clears:
        return html.Span(text("halls.clears", lang, n=f"{clears:.0f}"), className="h-word")
    return html.Span("", className="h-word")


def halls(answer: Answer, look: Look) -> html.Element:
    """answer.frame: see pages/services/halls.py, the most loaded first. facts: hall (chosen), lines (of utilisation),
    said (below), tickets (whether any hall tells waits)."""
    lang, facts, rows = look.lang, answer.facts, []
    head = [
        html.Span(text(f"halls.c_{name}", lang), className=f"h-{name}")
        for name in ("name", "waiting", "longest", "wait", "service", "open")
    ]
    marks = [
        html.Span(f"{at:.2f}" if at < 1 else f"{at:.1f}", className=f"mark {css}",
                  style={"left": f"{at / REACH * 100:.2f}%"})
        for at, css in zip(facts["lines"], ("tight", "over"), strict=True)
    ]  # fmt: skip
    head.append(html.Span([html.Span(text("halls.c_load", lang), className="name"), *marks], className="h-lane"))
    head += [html.Span("", className="h-word"), html.Span(text("halls.c_served", lang), className="h-served")]
    for row in rows_of(answer.frame):
        struck = " struck" if row.doubtful else ""
        windows = amount(row.windows)
        cells = [
            html.Span(row.name, className="name h-name", title=row.name),
            html.Span(exact(row.waiting), className="h-waiting"),
            html.Span(_one(amount(row.longest)), className=f"h-longest{struck}"),
            html.Span(_one(amount(row.wait), 1), className=f"h-wait{struck}"),
            html.Span(_one(amount(row.service), 1), className="h-service"),
            html.Span(
                [html.B(exact(row.open)), f" / {windows:.0f}" if windows is not None else ""], className="h-open"
            ),
            _lane(row, facts["lines"]),
            _word(row, facts["tickets"], lang),
            html.Span(exact(row.served) if row.told == "tickets" else DASH, className="h-served"),
        ]
        value = "" if row.hall == facts["hall"] else row.hall
        css = " ".join(c for c in (row.state, "chosen" if row.hall == facts["hall"] else "") if c)
        go = attributes({"data-set": "hall", "data-value": value})
        rows.append(html.Li(html.A(cells, href="#", **go), className=css))
    foot = html.P(facts["said"], className="count") if facts["said"] else None
    return html.Div(
        [
            html.Div(head, className="halls-head"),
            html.Ol(rows, className="rows halls-rows fits", tabIndex="0"),
            foot,
        ],
        className="halls",
        **attributes({"data-told": "tickets" if facts["tickets"] else "snapshots"}),
    )


# ---- what if ---------------------------------------------------------------------------------------------------------


def _step(words: str, value: int, label: str, lang: str, *, off: bool = False) -> html.Element:
    if off:
        return html.Span(words, className="step off", title=text("whatif.no_more", lang))
    named = attributes({"data-set": "windows", "data-value": str(value), "aria-label": label})
    return html.A(words, href="#", className="step", title=label, **named)


def whatif(answer: Answer, look: Look) -> html.Element:
    """answer.frame: see pages/services/halls.py. facts: open, tried, total (windows), before, after (minutes of wait
    by the model; None: without end), next_before, next_after (minutes that who comes now waits), waiting, clears
    (minutes; None: never), target (minutes), enough (windows for it), capacity (people an hour)."""
    lang, facts = look.lang, answer.facts
    listed = list(rows_of(answer.frame))
    return html.Div(
        [
            _tried(facts, lang),
            _change(facts, lang),
            _by_windows([row for row in listed if row.kind == "windows"], facts, lang),
            _by_hour([row for row in listed if row.kind == "hours"], facts, lang),
        ],
        className="whatif",
    )


def _tried(facts: dict[str, Any], lang: str) -> html.Element:
    n, opened, total = int(facts["tried"]), int(facts["open"]), facts["total"]
    said = [text("whatif.now", lang, n=opened)]
    if n != opened:
        said.append(text("whatif.more" if n > opened else "whatif.fewer", lang, n=abs(n - opened)))
    if total is not None:
        said.append(text("whatif.left", lang, n=max(total - n, 0)) if n <= total else text("whatif.beyond", lang))
    enough = facts["enough"]
    within = total is None or enough <= total
    words = text("whatif.enough", lang, n=enough, wait=f"{facts['target']:g}")
    full = words if within else text("whatif.not_enough", lang, n=enough, wait=f"{facts['target']:g}")
    link = html.A(
        words, href="#", className="in-text", **attributes({"data-set": "windows", "data-value": str(enough)})
    )
    return html.Div(
        [
            html.Small(text("whatif.windows", lang)),
            html.Div(
                [
                    _step("−", n - 1, text("whatif.take", lang), lang, off=n <= 1),
                    html.B(str(n), className="figure"),
                    _step("+", n + 1, text("whatif.add", lang), lang, off=total is not None and n >= total),
                ],
                className="steps-n",
            ),
            html.P("，".join(said) if lang == "zh" else ", ".join(said)),
            html.P(link if enough != n and within else words, className="" if within else "warn", title=full),
        ],
        className="w-tried",
    )


def _aim(facts: dict[str, Any], lang: str) -> html.Element:
    """The wait that windows are counted for; a click takes the next longer one, after the longest the shortest."""
    waits = facts["waits"]
    here = next(i for i, (_, minutes) in enumerate(waits) if minutes == facts["target"])
    value, minutes = waits[(here + 1) % len(waits)]
    label = text("whatif.aim", lang, n=f"{minutes:g}")
    named = attributes({"data-set": "wait", "data-value": value, "aria-label": label})
    return html.A(text("whatif.target", lang, n=f"{facts['target']:g}"), href="#", title=label, **named)


def _change(facts: dict[str, Any], lang: str) -> html.Element:
    before, after = facts["before"], facts["after"]
    if after is None:
        figure = html.B(text("whatif.grows", lang), className="figure worse")
    else:
        better = before is None or after < before
        tone = " better" if facts["tried"] != facts["open"] and better else ""
        load = html.Span(text("whatif.load", lang, load=f"{facts['load']:.2f}"), className="rho")
        figure = html.Span([html.B(_one(after, 1), className=f"figure{tone}"), text("whatif.minutes", lang), load])
    lines = []
    if facts["tried"] != facts["open"]:
        if before is None:
            lines.append(
                html.P(text("whatif.was_growing", lang, load=f"{facts['load_before']:.2f}"), className="worse")
            )
            lines += _next(facts, lang)
        elif after is not None:
            key = "whatif.falls" if after <= before else "whatif.rises"
            tone = "better" if after <= before else "worse"
            words = text(key, lang, now=_one(before, 1), by=_one(abs(before - after), 1))
            lines.append(html.P(words, className=tone))
    if facts["waiting"] and (before is not None or facts["tried"] == facts["open"] or after is None):
        known = facts["clears"] is not None
        words = text(
            "whatif.clears" if known else "whatif.never_clears",
            lang,
            n=exact(facts["waiting"]),
            minutes=f"{facts['clears']:.0f}" if known else "",
        )
        lines.append(html.P(words))
    if facts["doubtful"]:
        lines.append(html.P(text("whatif.doubtful", lang), className="warn"))
    for line in lines:
        line.attributes.setdefault("title", "".join(map(str, line.nodes)))
    return html.Div([html.Small(text("whatif.wait", lang)), figure, *lines], className="w-change")


def _next(facts: dict[str, Any], lang: str) -> list[html.Element]:
    """By how much the windows tried change the wait of who takes a ticket now; of a hall whose mean wait has no end."""
    before, after = facts["next_before"], facts["next_after"]
    if not before:
        return []
    key, tone = ("whatif.next_less", "better") if after <= before else ("whatif.next_more", "worse")
    words = text(key, lang, by=_one(abs(before - after), 1))
    title = text("whatif.next", lang, now=_one(before, 1), then=_one(after, 1))
    return [html.P(words, className=tone, title=f"{words} · {title}")]


def _by_windows(rows: list[Any], facts: dict[str, Any], lang: str) -> html.Element:
    """A column a number of windows: how long one waits then, read against the target."""
    waits = [w for row in rows if (w := amount(row.wait)) is not None]
    most = max([min(max(waits, default=0.0), 4 * facts["target"]), 1.5 * facts["target"]])
    columns = []
    for row in rows:
        wait, n = amount(row.wait), int(row.n)
        share = 1.0 if wait is None else min(wait / most, 1.0)
        said = "∞" if row.grows else _one(wait, 1)
        told = row.chosen or row.current or n == facts["enough"] or len(rows) <= 4  # others have no room for words
        css = " ".join(
            c for c, on in (("chosen", row.chosen), ("current", row.current), ("grows", row.grows or share >= 1)) if on
        )
        bar = html.Span(html.Span(said) if told else None, className="bar", style={"height": f"{share * 100:.1f}%"})
        go = attributes({"data-set": "windows", "data-value": str(n), "aria-label": f"{n}: {said}"})
        columns.append(html.A([html.Span(bar, className="well"), html.Span(str(n), className="tick")], href="#",
                              className=f"column {css}".strip(), title=said, **go))  # fmt: skip
    line = html.Span(
        _aim(facts, lang),
        className="target",
        style={"bottom": f"{facts['target'] / most * 100:.1f}%"},
    )
    head = html.Small(text("whatif.by_windows", lang))
    return html.Div([head, html.Div([*columns, html.Span(line, className="over")], className="columns")],
                    className="w-windows")  # fmt: skip


def _by_hour(rows: list[Any], facts: dict[str, Any], lang: str) -> html.Element:
    """A column an hour: what came, filled, and what is expected, outlined; the line is what the windows tried serve."""
    values = [v for row in rows for v in (amount(row.came), amount(row.expected)) if v is not None]
    most = max([*values, facts["capacity"] or 0, 1]) * 1.08
    columns, odd = [], next((int(row.n) % 2 for row in rows if row.current), 1)
    for row in rows:
        came, expected, needed = amount(row.came), amount(row.expected), amount(row.needed)
        parts = []
        if expected is not None:
            height = {"height": f"{expected / most * 100:.1f}%"}
            over = " above" if facts["capacity"] and expected > facts["capacity"] else ""
            parts.append(html.Span(className=f"bar expected{over}", style=height))
        if came is not None:
            parts.append(html.Span(className="bar came", style={"height": f"{came / most * 100:.1f}%"}))
        told = {"came": _one(came), "expected": _one(expected), "n": _one(needed), "wait": f"{facts['target']:g}"}
        title = text("whatif.hour", lang, hour=int(row.n), **told)
        tick = str(int(row.n)) if int(row.n) % 2 == odd or len(rows) <= 4 else ""  # two digits an hour would touch
        columns.append(html.Span([html.Span(parts, className="well"), html.Span(tick, className="tick")],
                                 className="column current" if row.current else "column", title=title))  # fmt: skip
    line = None
    if facts["capacity"]:
        said = html.Span(text("whatif.serves", lang, n=f"{facts['capacity']:.0f}"))
        style = {"bottom": f"{facts['capacity'] / most * 100:.1f}%"}
        line = html.Span(html.Span(said, className="target", style=style), className="over")
    head = html.Small(text("whatif.by_hour", lang))
    return html.Div([head, html.Div([*columns, line], className="columns")], className="w-hours")
