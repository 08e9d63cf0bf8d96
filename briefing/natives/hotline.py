"""Forms of the hotline's own drawings."""

from typing import Any

import pandas as pd

from briefing.natives.blocks import Bars, Block, Column, Limit, Role, Series, Table
from briefing.natives.cells import column, heading, listed, numbers, said
from briefing.natives.shared import MOST, PERCENT, counting, parts_column, ranked_bars
from briefing.standing import Stand
from components.bodies.orders import left_words
from components.panel import Answer
from components.rows import amount, count, given, rows
from components.words import DASH, number, percent, section, text

SCORE = Stand(value="score", better="higher", percent=False, digits=1)
ON_TIME = Stand(value="on_time", better="higher", percent=True, parts=("on_time_n", "due"))
STEPS = 5  # shades of the ramp


def league_stand(answer: Answer) -> Stand:
    """By the score where all of its rates are told, else by the share on time."""
    return SCORE if len(answer.facts.get("rates", ())) == 3 else ON_TIME


def league(answer: Answer, lang: str) -> list[Block]:
    """Bars of the score, the rates that it is made of beside it."""
    frame, facts = answer.frame, answer.facts
    stand = league_stand(answer)
    told = ["rank", *(f"{name}:%" for name in ("on_time", *facts["rates"]))]
    if stand is SCORE:
        told = ["rank", "received", *told[1:]]
    beside = tuple(column(frame, one, lang) for one in told if stand is SCORE or not one.startswith("on_time"))
    whole = facts.get("whole")
    said_whole = "" if not given(whole) else number(whole, lang, 1) if stand is SCORE else f"{percent(whole)}%"
    limits = (Limit(whole, text("ranking.whole", lang, value=said_whole)),) if given(whole) else ()
    form = "0.0" if stand is SCORE else PERCENT
    return [ranked_bars(answer, lang, stand, title="", number_format=form, beside=beside, limits=limits)]


def clustered(
    frame: pd.DataFrame, names: list[str], pairs: tuple[tuple[str, Role], ...], lang: str, *, form: str = "",
    beside: tuple[Column, ...] = (), title: str = "", headings: dict[str, str] | None = None, most: int = 10,
) -> Bars:  # fmt: skip
    """Several bars for each row, the first rows of the frame."""
    part = frame.iloc[:most]
    series = [
        Series(name, (headings or {}).get(name) or heading(name, lang), numbers(part, name), role)
        for name, role in pairs
    ]
    amounts = [v for one in series for v in one.amounts]
    asides = tuple(Column(c.name, c.heading, c.cells[: len(part)], c.right) for c in beside)
    return Bars(
        title, names[: len(part)], series, form or counting(amounts, lang), beside=asides, more=len(frame) - len(part)
    )


def bursts(answer: Answer, lang: str) -> list[Block]:
    """How many called against what was expected; of crowds, how many and on the fullest day."""
    frame = answer.frame
    names = [f"{row.name} · {row.place}" for row in rows(frame)]
    if "expected" not in frame:
        beside = tuple(column(frame, name, lang) for name in ("orders", "open", "since", "last"))
        return [clustered(frame, names, (("callers", "worse"), ("peak", "bar")), lang, beside=beside)]
    unknown = not any(given(v) for v in frame["callers"])
    counted = "orders" if answer.facts.get("again") or unknown else "callers"
    beside = tuple(column(frame, name, lang) for name in ("orders", "since", "related"))
    return [clustered(frame, names, ((counted, "worse"), ("expected", "pale")), lang, form="#,##0.0", beside=beside)]


def problems(answer: Answer, lang: str) -> list[Block]:
    """The biggest as ranked bars; the emerging against what was expected of them."""
    frame = answer.frame
    if given(frame["expected"].iloc[0]):
        pairs: tuple[tuple[str, Role], ...] = (("received", "worse"), ("expected", "pale"))
        beside = (column(frame, "score:1", lang),)
        return [clustered(frame, frame["name"].tolist(), pairs, lang, form="#,##0.0", beside=beside)]
    beside = (column(frame, "share:%", lang), column(frame, "base_received", lang))
    stand = Stand(value="received", better="neutral")
    return [ranked_bars(answer, lang, stand, title=heading("received", lang), beside=beside)]


def late(answer: Answer, lang: str) -> list[Block]:
    """Shares and hours as tables whose cells are shaded; the mix as bars against the period before."""
    return {"hours": _hours, "mix": _mix}.get(answer.facts["kind"], _shares)(answer, lang)


def _shade(value: float | None, most: float) -> int:
    return min(STEPS - 1, int(value / most * STEPS)) if value is not None and most > 0 else 0


def _shares(answer: Answer, lang: str) -> list[Block]:
    """A row a category, a column an organisation or place: the share late where something was due."""
    frame = answer.frame
    names = frame[["row", "row_name"]].drop_duplicates()
    heads = frame[["column", "column_name"]].drop_duplicates()
    cells = {(row.row, row.column): row for row in rows(frame)}
    fair = [v for row in rows(frame) if not row.few and (v := amount(row.share)) is not None]
    most = max(fair, default=0.0)
    columns = [Column("row_name", "", names["row_name"].tolist())]
    for code, name in zip(heads["column"], heads["column_name"], strict=True):
        some = [cells.get((row, code)) for row in names["row"]]
        whole = code == "*"
        words = [_share(one, whole=whole) for one in some]
        roles: dict[int, Any] = {} if whole else {
            n: "grey" if one.few else _shade(amount(one.share), most)
            for n, one in enumerate(some)
            if one is not None and one.due
        }  # fmt: skip
        columns.append(
            Column("late/due" if whole else "share", text("late.of", lang) if whole else name, words, roles=roles)
        )
    return [Table(heading("late_share", lang), columns, plain=True)]


def _share(one: Any, *, whole: bool) -> str:
    if one is None or not one.due:
        return DASH if whole else ""
    return f"{count(one.late)}/{count(one.due)}" if whole else f"{percent(one.share, 1)}%"


def _hours(answer: Answer, lang: str) -> list[Block]:
    """A row a weekday, a column an hour."""
    frame = answer.frame
    known = [v for v in numbers(frame, "per_hour") if v is not None]
    most = max(known, default=0.0)
    days = section("weekday", lang)
    columns = [Column("weekday", "", [days[str(n)] for n in range(1, 8)])]
    cells = {(int(row.weekday), int(row.hour)): amount(row.per_hour) for row in rows(frame)}
    for hour in range(24):
        told = [cells.get((day, hour)) for day in range(1, 8)]
        roles: dict[int, Any] = {n: _shade(v, most) for n, v in enumerate(told) if v is not None}
        columns.append(Column("per_hour", f"{hour}", [said(v, "1", lang) for v in told], roles=roles))
    return [Table(text("late.hours_note", lang), columns, plain=True)]


def _mix(answer: Answer, lang: str) -> list[Block]:
    """What came by which way and of which kind, as shares against the period before."""
    blocks: list[Block] = []
    for kind in ("channel", "appeal"):
        part = answer.frame.loc[answer.frame["kind"] == kind]
        if not len(part):
            continue
        pairs: tuple[tuple[str, Role], ...] = (("share", "line"),)
        if any(given(v) for v in part["base_share"]):
            pairs = (*pairs, ("base_share", "pale"))
        beside = (column(part, "n", lang),)
        blocks.append(clustered(part, part["name"].tolist(), pairs, lang, form="0.0%", beside=beside,
                                title=text(f"late.{kind}", lang), most=12))  # fmt: skip
    return blocks


def funnel(answer: Answer, lang: str) -> list[Block]:
    """What passed each stage, with its times beside."""
    frame = answer.frame
    beside = tuple(
        column(frame, told, lang)
        for told in ("median_h:1", "p90_h:1", "limit_h:0", "share:%", "share_p90:%", "waiting")
    )
    series = Series("passed", heading("passed", lang), numbers(frame, "passed"))
    return [
        Bars(
            heading("passed", lang),
            frame["name"].tolist(),
            (series,),
            counting(list(series.amounts), lang),
            beside=beside,
        )
    ]


def bounces(answer: Answer, lang: str) -> list[Block]:
    """From whom to whom, and how often."""
    part = answer.frame.iloc[:MOST]
    names = [f"{row.from_name} → {row.to_name or DASH}" for row in rows(part)]
    beside = tuple(column(part, name, lang) for name in ("orders", "back", "most"))
    series = Series("n", heading("n", lang), numbers(part, "n"), points={0: "worse"} if len(part) else {})
    return [Bars(heading("moves", lang), names, (series,), beside=beside, more=len(answer.frame) - len(part))]


AGES: tuple[tuple[str, Role], ...] = (
    ("d3", "pale"),
    ("d7", "bar"),
    ("d15", "deep"),
    ("d30", "worse"),
    ("older", "text"),
)


def cases(answer: Answer, lang: str) -> list[Block]:
    """Open ones stacked by their age; what came, and what was converted."""
    frame = answer.frame
    series = [Series(name, text(f"cases.{name}", lang), numbers(frame, name), role) for name, role in AGES]
    parts = [
        column(frame, "came", lang),
        column(frame, "open", lang),
        parts_column(frame, "converted", "rated", heading("converted", lang)),
    ]
    return [Bars(heading("open", lang), frame["name"].tolist(), series, stacked=True, beside=tuple(parts))]


def orders(answer: Answer, lang: str) -> list[Block]:
    """A page of a list of orders or cases."""
    frame, facts = answer.frame, answer.facts
    case = facts.get("field") == "case"
    told = (
        ("case_no", "title", "channel_name", "place_name", "org_name", "state_name", "receive_at")
        if case
        else ("order_no", "title", "category_name", "place_name", "org_name", "state_name", "accept_at")
    )
    table = listed(frame, told, lang, more=max(int(facts.get("total") or 0) - len(frame), 0))
    words = [left_words(amount(row.left_minutes), lang) for row in rows(frame)]
    roles: dict[int, Any] = {n: "worse" for n, (_, tone) in enumerate(words) if tone == "worse"}
    left = Column("left", heading("left_minutes", lang), [one or DASH for one, _ in words], roles=roles)
    return [Table(table.heading, [*table.columns, left], table.more)]


COURSE = (
    "at", "event_name", "org_name", "state_name", "hours:1", "limit_hours:1", "days:1", "limit_days:1", "late",
    "fault_name", "result",
)  # fmt: skip


def order(answer: Answer, lang: str) -> list[Block]:
    """The course of an order or case, what it is about above."""
    frame, facts = answer.frame, answer.facts
    columns = [told for told in COURSE if told.partition(":")[0] in frame.columns]
    title = " · ".join(part for part in (facts.get("order_no") or facts.get("case_no"), facts.get("title"),
                       *(f"{name} {words}" for name, words in facts.get("pairs", []))) if part)  # fmt: skip
    return [listed(frame, columns, lang, title)]
