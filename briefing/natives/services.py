"""Forms of the drawings of government services."""

from typing import Any

from briefing.natives.blocks import Bars, Block, Column, Limit, Lines, Role, Series, Table, Tiles
from briefing.natives.cells import column, heading, listed, numbers
from briefing.natives.hotline import clustered
from briefing.natives.shared import MOST, PERCENT, measured_tiles, parts_column, ranked_bars
from briefing.standing import Stand
from components.judging import misses, tone
from components.panel import Answer
from components.rows import amount, given, rows
from components.words import DASH, exact, percent, signed, text
from data_access.indicators import indicators

FREE = ("weekend", "holiday")
LOAD = (0.85, 1.0)  # of utilisation: tight, over
RATE = Stand(parts=("numerator", "denominator"), better="higher", percent=True)
LOADED = Stand(value="utilisation", better="lower", percent=True, of="utilisation")
NEAR: tuple[tuple[str, Role], ...] = (("late", "worse"), ("today", "orange"), ("next", "bar"))
PEOPLE: tuple[tuple[str, Role], ...] = (("came", "deep"), ("expected", "pale"))
FLOWS: tuple[tuple[str, Role], ...] = (("received", "grey"), ("accepted", "line"), ("finished", "better"))


def scorecard(answer: Answer, lang: str) -> list[Block]:
    """One table; its first column keeps the two families of rates apart."""
    frame, known = answer.frame, indicators()
    told = list(rows(frame))
    kinds = {"item": text("scorecard.items_title", lang), "case": text("scorecard.cases_title", lang)}
    values, moves = numbers(frame, "value"), []
    bad: dict[int, Any] = {}
    roles: dict[int, Any] = {}
    for n, row in enumerate(told):
        one, value, base = known.get(row.key), amount(row.value), amount(row.base)
        if one is not None and misses(value, one.target, one.better):
            bad[n] = "worse"
        step = None if value is None or base is None else (value - base) * 100
        moves.append(DASH if step is None else signed(step, 2))
        if step and signed(step, 2).strip("+−0.") and tone(one, step) != "level":
            roles[n] = tone(one, step)
    targets = [
        f"{percent(t)}%" if (one := known.get(row.key)) and (t := one.target) is not None else DASH for row in told
    ]
    ranks = [f"{row.rank:.0f} / {row.peers:.0f}" if given(row.rank) and given(row.peers) else DASH for row in told]
    columns = [
        Column("kind", heading("kind", lang), [kinds[row.kind] for row in told]),
        column(frame, "name", lang),
        Column("variant", heading("variant", lang), [row.variant or DASH for row in told]),
        Column("value", heading("now", lang), [DASH if v is None else f"{percent(v)}%" for v in values], True, bad),
        parts_column(frame, "numerator", "denominator", heading("parts", lang)),
        Column("target", heading("target", lang), targets, right=True),
        Column("moved", heading("points", lang), moves, True, roles),
        Column("rank/peers", heading("rank", lang), ranks, right=True),
        Column("gap_said", heading("gap_said", lang), [row.gap_said or DASH for row in told]),
    ]
    return [Table("", columns)]


def throughput(answer: Answer, lang: str) -> list[Block]:
    """Curves over days, columns over hours, bars by channel and department."""
    frame, chosen = answer.frame, answer.facts["chosen"]
    names = {name: text(f"throughput.{name}", lang) for name in ("received", "accepted", "finished", "open")}
    if chosen == "hour":
        series = [Series(c, names[c], numbers(frame, c), r) for c, r in FLOWS if c in frame]
        return [Bars(heading("by_hour", lang), [f"{int(hour)}" for hour in frame["hour"]], series, upright=True)]
    if chosen:
        beside = tuple(column(frame, name, lang) for name in ("opening", "closing", "overdue"))
        return [clustered(frame, frame["name"].tolist(), FLOWS[1:], lang, beside=beside, headings=names)]
    days = [day.to_pydatetime() for day in frame["day"]]
    series = [Series(c, names[c], numbers(frame, c), r) for c, r in FLOWS]
    stock = Series("open", names["open"], numbers(frame, "open"), "bar")
    return [
        Lines(text("throughput.a_day", lang), days, series),
        Lines(names["open"], days, [stock], area=all(v is not None for v in stock.amounts)),
    ]


def calendar(answer: Answer, lang: str) -> list[Block]:
    """A column a day, free days grey."""
    frame = answer.frame
    grey: dict[int, Role] = {n: "pale" for n, kind in enumerate(frame["kind"]) if kind in FREE}
    series = Series("received", text("throughput.received", lang), numbers(frame, "received"), "bar", points=grey)
    names = [day.strftime("%m-%d") for day in frame["day"]]
    return [Bars(heading("calendar_note", lang), names, (series,), upright=True)]


def halls(answer: Answer, lang: str) -> list[Block]:
    """Halls against the two lines of utilisation."""
    frame = answer.frame
    beside = [column(frame, told, lang) for told in ("waiting", "longest:0", "wait:1", "service:1", "served")]
    pairs = zip(numbers(frame, "open"), numbers(frame, "windows"), strict=True)
    beside.insert(
        1, Column("open/windows", heading("open_windows", lang), [f"{exact(a)} / {exact(b)}" for a, b in pairs], True)
    )
    limits = tuple(Limit(at, f"{at:.2f}", role) for at, role in zip(LOAD, ("orange", "red"), strict=True))
    return [ranked_bars(answer, lang, LOADED, number_format="0%", beside=tuple(beside), limits=limits)]


def whatif(answer: Answer, lang: str) -> list[Block]:
    """Utilisation for each number of windows; who comes in each hour against who is expected."""
    windows = answer.frame.loc[answer.frame["kind"] == "windows"]
    hours = answer.frame.loc[answer.frame["kind"] == "hours"]
    blocks: list[Block] = []
    if len(windows):
        told = list(rows(windows))
        points: dict[int, Role] = {n: "line" for n, row in enumerate(told) if row.current}
        points |= {n: "worse" for n, row in enumerate(told) if row.chosen and not row.current}
        series = Series("utilisation", heading("utilisation", lang), numbers(windows, "utilisation"), points=points)
        limits = tuple(Limit(at, f"{at:.2f}", role) for at, role in zip(LOAD, ("orange", "red"), strict=True))
        names = [text("halls.n", lang, n=int(row.n)) for row in told]
        blocks.append(Bars(heading("by_windows", lang), names, (series,), "0%", upright=True, limits=limits))
    if len(hours):
        series_of = [Series(c, heading(c, lang), numbers(hours, c), r) for c, r in PEOPLE]
        names = [f"{int(hour)}" for hour in hours["n"]]
        blocks.append(Bars(heading("people_hour", lang), names, series_of, "#,##0.0", upright=True))
    return blocks


def crossing(answer: Answer, lang: str) -> list[Block]:
    """From where to where; and what themes saved."""
    frame = answer.frame
    flows, themes = (frame.loc[frame["kind"] == kind] for kind in ("flow", "theme"))
    blocks: list[Block] = []
    if len(flows):
        part = flows.iloc[:12]
        names = [f"{row.from_name} → {row.to_name}" for row in rows(part)]
        series = Series("cases", heading("cases", lang), numbers(part, "cases"))
        blocks.append(Bars(heading("cases", lang), names, (series,), more=len(flows) - len(part)))
    if len(themes):
        columns = [column(themes, "from_name", lang, text("crossing.theme", lang)), column(themes, "cases", lang)]
        for what in ("steps", "materials", "days", "visits"):
            pairs = zip(numbers(themes, f"{what}_before"), numbers(themes, f"{what}_after"), strict=True)
            columns.append(Column(f"{what}_before→{what}_after", text(f"crossing.{what}", lang),
                                  [f"{_plain(a)} → {_plain(b)}" for a, b in pairs], True))  # fmt: skip
        blocks.append(Table(text("crossing.theme", lang), columns))
    return blocks


def _plain(value: float | None) -> str:
    return DASH if value is None else f"{value:g}"


def league(answer: Answer, lang: str) -> list[Block]:
    """Rates best first, read against that of the whole."""
    frame, facts = answer.frame, answer.facts
    beside = [column(frame, "rank", lang), parts_column(frame, "numerator", "denominator", heading("parts", lang))]
    if facts.get("has_last"):
        beside.append(column(frame, "rank_before:0", lang))
    whole = amount(facts.get("whole"))
    limits = () if whole is None else (Limit(whole, text("sunned.whole", lang, value=f"{percent(whole)}%")),)
    title = next((words for _, words, now in facts.get("rates", ()) if now), "")
    return [ranked_bars(answer, lang, RATE, title=title, number_format=PERCENT, beside=tuple(beside), limits=limits)]


def times(answer: Answer, lang: str) -> list[Block]:
    """How long nine in ten took at most, against the promise; what is close to its limit, stacked."""
    frame = answer.frame
    if answer.facts["chosen"] == "near":
        part = frame.iloc[:MOST]
        series = [Series(c, heading(f"near_{c}", lang), numbers(part, c), r) for c, r in NEAR]
        beside = (column(part, "open", lang),)
        return [Bars(heading("open", lang), part["name"].tolist(), series, stacked=True, beside=beside,
                     more=len(frame) - len(part))]  # fmt: skip
    beside = tuple(column(frame, told, lang) for told in ("n", "late", "median:1", "of_promise_p90:%"))
    pairs: tuple[tuple[str, Role], ...] = (("p90", "deep"), ("promised", "pale"))
    return [
        clustered(
            frame, frame["name"].tolist(), pairs, lang, form="#,##0.0", beside=beside, title=heading("workdays", lang)
        )
    ]


def ratings(answer: Answer, lang: str) -> list[Block]:
    """The rates as tiles; the reasons or words of the bad as bars."""
    frame = answer.frame
    blocks: list[Block] = [Tiles(measured_tiles(answer, lang))]
    if len(frame):
        name = "name" if "name" in frame else "phrase"
        beside = [column(frame, "share:%", lang)]
        if "rectified" in frame:
            beside.append(column(frame, "rectified", lang))
        stand = Stand(name=name, value="n", better="neutral")
        blocks.append(ranked_bars(answer, lang, stand, title=heading("bad", lang), beside=tuple(beside)))
    return blocks


def standards(answer: Answer, lang: str) -> list[Block]:
    """Standards of service, those that miss by the most first."""
    return [listed(answer.frame, ("name", "org", "met", "total", "rate:%", "target:%"), lang)]
