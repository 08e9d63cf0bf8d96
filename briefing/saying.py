"""Sentences of panels that say themselves what matters: theirs are taken, or put together from their own figures."""

from collections.abc import Callable

from briefing.measure import ems
from components import bodies, figures
from components.bodies import orders, services_case, services_crossing, services_halls
from components.panel import Answer, Draw
from components.rows import amount, count, given, rows
from components.words import exact, moment, number, percent, signed, text
from data_access.indicators import indicators

MOST = 62.0  # em of a title of two sentences


def sentences(answer: Answer) -> list[tuple[str, str]]:
    """kind, words of each sentence of a situation; names stand in their sentences."""
    said: list[tuple[str, str]] = []
    for row in rows(answer.frame):
        words = f"{row.before}{row.name}{row.after}"
        if getattr(row, "joined", False) and said:
            said[-1] = (said[-1][0], said[-1][1] + words)
        else:
            said.append((row.kind, words))
    return [(kind, words.strip()) for kind, words in said]


def joined(said: list[str], lang: str) -> str:
    """The first sentence, with the second where both are short."""
    both = text("finding.and", lang).join(said[:2])
    return both if len(said) > 1 and ems(both) <= MOST else said[0] if said else ""


def situation(answer: Answer, lang: str) -> str:
    """The first sentences of a situation, the most pressing."""
    return joined([words for _, words in sentences(answer)], lang)


def flood_situation(answer: Answer, lang: str) -> str:
    """The first sentences of the flood situation."""
    return joined([row.words for row in rows(answer.frame) if row.part == "says" and row.words], lang)


def station(answer: Answer, lang: str) -> str:
    """Name, level and how that stands to its thresholds."""
    facts = answer.facts
    told = facts.get("figures") or {}
    if not told.get("value"):
        return ""
    words = text("finding.station", lang, name=facts.get("title", ""), value=told["value"], unit=told.get("unit", ""))
    cells = [f"{name} {value}" for name, value in told.get("cells", [])[:2]]
    return text("finding.then", lang).join(part for part in (words, told.get("against", ""), *cells) if part)


def reservoirs(answer: Answer, lang: str) -> str:
    """The most pressing reservoir: its level against its threshold, what comes in and goes out."""
    row = next(iter(rows(answer.frame)))
    if not given(row.level):
        return ""
    words = text("finding.station", lang, name=row.name, value=f"{row.level:.2f}", unit="m")
    parts = [words]
    if given(row.margin) and row.threshold:
        key = "finding.over" if row.margin > 0 else "finding.under"
        parts.append(text(key, lang, name=text(f"threshold.{row.threshold}", lang), n=f"{abs(row.margin):.2f}"))
    if given(row.inflow) and given(row.outflow):
        parts.append(
            text("finding.flows", lang, inflow=number(row.inflow, lang, 0), outflow=number(row.outflow, lang, 0))
        )
    return text("finding.then", lang).join(parts)


def river(answer: Answer, lang: str) -> str:
    """How many stations are above their threshold, and the one that is furthest."""
    told = [row for row in rows(answer.frame) if given(row.margin)]
    if not told:
        return ""
    top = max(told, key=lambda row: row.margin)
    over = sum(row.margin > 0 for row in told)
    words = text("finding.stations_over", lang, n=over, of=len(told))
    return text("finding.then", lang).join(
        (
            words,
            text(
                "finding.one",
                lang,
                name=top.name,
                edge=text("finding.highest", lang),
                value=f"{signed(top.margin, 2)} m",
            ),
        )
    )


def release(answer: Answer, lang: str) -> str:
    """The advised plan, as the board says it, or what each comes to."""
    facts = answer.facts
    if facts.get("headline"):
        return str(facts["headline"])
    says = [what for what, _ in facts.get("says", [])]
    return f"{facts.get('name', '')}{text('finding.colon', lang)}{''.join(says[:2])}" if says else ""


def rain_hours(answer: Answer, lang: str) -> str:
    """The sum of the hours that were, and the wettest of them."""
    past = [(row.moment, mm) for row in rows(answer.frame) if row.part == "past" and (mm := amount(row.mm)) is not None]
    if not past:
        return ""
    at, most = max(past, key=lambda hour: hour[1])
    total = f"{sum(mm for _, mm in past):.1f}"
    if not most:
        return text("finding.dry", lang, hours=len(past))
    return text("finding.rained", lang, hours=len(past), total=total, at=moment(at, lang), most=f"{most:.1f}")


def crossing(answer: Answer, lang: str) -> str:
    """How many came from elsewhere, of how many."""
    facts = answer.facts
    if not facts.get("crossed"):
        return ""
    return text("crossing.said", lang, n=exact(facts["crossed"]), share=percent(facts["share"]), places=facts["places"])


def whatif(answer: Answer, lang: str) -> str:
    """How loaded the windows are, and how many would do."""
    facts = answer.facts
    if not given(facts.get("load_before")) or not facts.get("target"):
        return ""
    hall = answer.note.split(" · ")[0]
    words = text("finding.hall", lang, hall=hall, n=facts["open"], load=f"{percent(float(facts['load_before']), 0)}%")
    key = "whatif.enough" if facts.get("enough") else "whatif.not_enough"
    return words + text("finding.then", lang) + text(key, lang, wait=f"{facts['target']:g}", n=facts.get("enough", ""))


def course(answer: Answer, lang: str) -> str:
    """One order or case: its number, what it is, and how it stands."""
    facts = answer.facts
    parts = [facts.get("order_no") or facts.get("case_no") or "", facts.get("title", ""), facts.get("said", "")]
    left = amount(facts.get("left"))
    if left is not None:
        parts.append(orders.left_words(left, lang)[0])
    return " · ".join(str(part) for part in parts if part)


def alarm(answer: Answer, lang: str) -> str:
    """One alarm: where, what, and how it stands."""
    facts = answer.facts
    return " · ".join(str(facts[key]) for key in ("name", "words", "said", "consequence") if facts.get(key))


def standards(answer: Answer, lang: str) -> str:
    """What all standards of the period came to, as the panel says it."""
    return str(answer.facts.get("said", ""))


def bounces(answer: Answer, lang: str) -> str:
    """How many were sent back, and the pair between whom most moved."""
    known = indicators()["hotline.return_rate"]
    one = next((m for m in answer.measured if m.key == known.key), None)
    told = next((row for row in rows(answer.frame) if row.from_org != row.to_org and row.to_name), None)
    if one is None or one.value is None or told is None:
        return ""
    parts = text("finding.parts", lang, numerator=exact(one.numerator), denominator=exact(one.denominator))
    words = text("finding.value", lang, name=known.said("name", lang), value=f"{percent(one.value)}%")
    pair = text("finding.moves", lang, one=told.from_name, other=told.to_name, n=count(told.n))
    return words + parts + text("finding.then", lang) + pair


SAYS: dict[Draw, Callable[[Answer, str], str]] = {
    bodies.bounces: bounces,
    bodies.flood_alarm: alarm,
    bodies.flood_board: release,
    bodies.flood_line: river,
    bodies.flood_release: release,
    bodies.flood_replay: rain_hours,
    bodies.flood_reservoirs: reservoirs,
    bodies.flood_situation: flood_situation,
    bodies.situation: situation,
    figures.hydrograph: station,
    orders.order: course,
    services_case.case: course,
    services_crossing.crossing: crossing,
    services_halls.whatif: whatif,
}
LISTS = {bodies.records, orders.orders, bodies.flood_alarms}  # whose first row is the most pressing
