"""A river drawn as a line of bars: each station's water against its own threshold, dashed where the crest will be."""

from datetime import datetime
from typing import Any

from components import markup as html
from components.attributes import attributes
from components.bodies.flood_signs import sign
from components.panel import Answer
from components.rows import amount, given, rows
from components.theme import Look
from components.words import DASH, signed, text

MOST, WALL_MOST = 12, 9
RAISED = str.maketrans("+-0123456789", "⁺⁻⁰¹²³⁴⁵⁶⁷⁸⁹")  # so many days later
LOW, HIGH = -3.0, 1.2  # m against the warning level that the bars show at least


def flood_line(answer: Answer, look: Look) -> html.Element:
    """answer.frame: see pages.flood.line. facts: station (the chosen one), river, at."""
    lang, told = look.lang, list(rows(answer.frame))
    shown = _fitting(told, WALL_MOST if look.wall else MOST)
    margins = [
        m for row in shown for m in (amount(row.margin), amount(row.crest), amount(row.guarantee)) if m is not None
    ]
    low = max(min([LOW, *(m - 0.3 for m in margins)]), -6.0)
    high = max([HIGH, *(m + 0.5 for m in margins)])

    def place(margin: float) -> str:
        return f"{min(max((margin - low) / (high - low), 0.0), 1.0) * 100:.1f}%"

    gone = [i for i, row in enumerate(shown) if given(row.crest_at) and row.crest_passed]
    crest = max(gone) if gone and max(gone) + 1 < len(shown) and given(shown[max(gone) + 1].crest_at) else None
    items = [
        _stop(
            row,
            shown[i + 1] if i + 1 < len(shown) else None,
            place,
            facts=answer.facts,
            here=crest == i,
            lang=lang,
        )
        for i, row in enumerate(shown)
    ]
    key = html.Div(
        [
            html.Span(text("river_line.warning", lang), className="zero", style={"--at": place(0)}),
        ],
        className="line-key",
    )
    return html.Div(
        [key, html.Ol(items, className="river-line", style={"--zero": place(0), "--n": str(len(items))})],
        className="river",
    )


def _fitting(told: list[Any], most: int) -> list[Any]:
    """So many stations as there is room for: first go those without a threshold or a reading, then, of those that are
    calm, the ones that say least more than their neighbours; travel times of what is left out add up."""
    kept = list(told)

    def weight(i: int) -> tuple[float, ...]:
        row = kept[i]
        state = amount(row.state) or 0
        return (
            given(row.margin),
            row.kind == "reservoir" or i in (0, len(kept) - 1),
            state,
            given(row.crest),
            amount(row.margin) or -99.0,
        )

    while len(kept) > most:
        least = min(range(len(kept)), key=weight)
        row = kept.pop(least)
        if least and given(kept[least - 1].hours):
            hours = amount(row.hours)
            more = None if hours is None else (amount(kept[least - 1].hours) or 0) + hours
            kept[least - 1] = kept[least - 1]._replace(hours=float("nan") if more is None else more)
    return kept


def _stop(row: Any, after: Any, place: Any, *, facts: dict[str, Any], here: bool, lang: str) -> html.Element:
    margin, crest, guarantee = amount(row.margin), amount(row.crest), amount(row.guarantee)
    state = int(row.state) if given(row.state) else None
    lane: list[html.Element] = []
    ahead = given(row.crest_at) and not row.crest_passed
    if margin is not None:
        css = "fill over" if margin >= 0 else "fill low" if float(place(margin)[:-1]) < 16 else "fill"
        lane.append(html.Span(html.B(signed(margin, 2)), className=css, style={"--at": place(margin)}))
        if ahead and crest is not None and crest > margin:
            lane.append(html.Span(className="coming", style={"--from": place(margin), "--at": place(crest)}))
    lane.append(html.Span(className="zero", style={"--at": place(0)}))
    if guarantee is not None:
        lane.append(html.Span(className="guarantee", style={"--at": place(guarantee)}))
    said = _crest(row, facts["at"], lang)
    km = amount(row.km)
    hours = amount(row.hours)
    parts = [
        html.Span(
            [html.Small(text("river_line.crest", lang)), " ", html.B(signed(crest, 2))]
            if ahead and crest is not None
            else "",
            className="peak",
        ),
        html.Span(lane, className="lane"),
        html.B(signed(margin, 2) if margin is not None else DASH, className="margin"),
        html.Span(
            [html.Sign(className="crest-here", title=text("river_line.here", lang))] if here else None,
            className="dot",
        ),
        html.Span(
            [sign(state, lang) if state else None, html.Span(_short(row, lang))], className="name", title=row.name
        ),
        html.Span(said, className="crest-at", title=_whole(row)),
        html.Span(text("river_line.km", lang, km=f"{km:.0f}") if km is not None else "", className="km"),
        html.Span(
            f"{hours:.1f} h".replace(".0 h", " h") if hours is not None and after is not None else "", className="hours"
        ),
    ]
    link = html.A(parts, href="#", **attributes({"data-set": "station", "data-value": row.station}))
    return html.Li(link, className="chosen" if row.station == facts["station"] else "")


def _short(row: Any, lang: str) -> str:
    """The name without what kind of station it is."""
    for tail in text("river_line.tails", lang).split("|"):
        row_name = row.name.removesuffix(tail)
        if row_name != row.name:
            return row_name
    return row.name


def _crest(row: Any, at: datetime, lang: str) -> str | list[Any]:
    if row.kind == "reservoir":
        flow = amount(row.flow)
        return text("river_line.release", lang, value=f"{flow:.0f}") if flow is not None else DASH
    if not given(row.crest_at):
        return text("river_line.no_crest", lang)
    when: Any = row.crest_at
    days = (when.date() - at.date()).days
    said = f"{when:%H:%M}" + (f"{days:+d}" if days else "").translate(RAISED)
    return [html.Small(text("river_line.passed", lang)), " ", said] if row.crest_passed else said


def _whole(row: Any) -> str | None:
    return f"{row.crest_at:%m-%d %H:%M}" if given(row.crest_at) else None
