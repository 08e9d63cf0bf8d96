"""The closed loop: what each step takes and holds, whether the books balance, and who sends orders back to whom."""

from datetime import datetime
from typing import Any

from components import bodies
from components.panel import Answer, Measured, panel
from components.rows import tabled
from components.view import View
from components.words import DASH, exact, percent, text
from data_access import hotline, loop, steps
from domain.closed_loop import discrepancy
from domain.hotline_rates import return_rate
from domain.hotline_rules import Rules, rules
from domain.periods import Span
from pages.asking import Asked, ask, given

FUNNEL = (
    "stage", "name", "passed", "timed", "median_h", "p90_h", "limit_h", "share", "share_p90", "waiting",
)  # fmt: skip
BOUNCES = (
    "from_org", "from_name", "to_org", "to_name", "kind", "n", "orders", "back", "most", "order_id",
)  # fmt: skip
HOUR = 3600.0


def _limits(some: Rules, steps: tuple[str, ...]) -> dict[str, float]:
    """Hours that a step may take, where the step before it is told as well: else it holds more than itself. Handling
    has each order's own limit, a callback none."""
    limits = {
        "dispatch": ("", some.dispatch_ordinary_h),
        "sign": ("dispatch", some.sign_h),
        "close": ("reply", some.review_h),
        "redo": ("", some.redo_h),
    }
    return {step: hours for step, (before, hours) in limits.items() if not before or before in steps}


def _until(asked: Asked) -> datetime:
    """The end of the period, never after the moment."""
    return max(asked.span.start, min(asked.span.end, asked.at))


@panel(bodies.funnel, about=("hotline.handling_time", "hotline.open"), source="hotline", needs=("close_at",))
def funnel(view: View) -> Answer:
    """stage, name, passed (orders that ended it in the period), timed (those of them whose time is known), median_h,
    p90_h, limit_h (hours; NaN: none), share, share_p90 (median and 90th percentile as a share of the limit; of reply:
    of each order's own), waiting (orders in the stage now): one row a stage that the sources tell, in their order."""
    asked = ask(view)
    told = steps.told_steps(given(view))
    total = hotline.totals(asked.area, asked.span, asked.base, asked.where)["now"]
    held = loop.waiting(asked.area, asked.at, asked.where, told)
    if not asked.known or not (total.received or held.open):
        return Answer(tabled([], FUNNEL), blank="empty" if asked.known else "none")
    until = _until(asked)
    done = loop.passed(asked.area, Span(asked.span.start, until), asked.where, told)
    limits = _limits(rules(until.date()), told)
    own = steps.handling(told)
    lines = [_stage("accept", total.received, asked.lang)]
    for step, one in done.items():
        limit = limits.get(step)
        median, p90 = (None if v is None else v / HOUR for v in (one.median, one.p90))
        called = {"name": text("funnel.closed", asked.lang)} if step == own == "close" else {}
        lines.append(
            _stage(step, one.passed, asked.lang)
            | called
            | {
                "timed": one.timed,
                "median_h": median,
                "p90_h": p90,
                "limit_h": limit,
                "share": median / limit if limit and median is not None else one.of_limit,
                "share_p90": p90 / limit if limit and p90 is not None else one.of_limit_p90,
                "waiting": held.by_step.get(step),
            }
        )
    reply = done.get("reply", loop.Passed())
    measured = (
        Measured.of("hotline.handling_time", None if reply.median is None else reply.median / HOUR),
        Measured.of("hotline.open", held.open),
    )
    direct = total.direct if {"*", "direct"} & given(view) else None
    facts = {"balance": _balance(asked, until, held, total), "direct": direct, "received": total.received, "own": own}
    return Answer(tabled(lines, FUNNEL, FUNNEL[2:]), measured, facts)


def _stage(step: str, count: int, lang: str) -> dict[str, Any]:
    return dict.fromkeys(FUNNEL) | {"stage": step, "name": text(f"funnel.{step}", lang), "passed": count}


def _balance(asked: Asked, until: datetime, held: loop.Waiting, total: hotline.Counts) -> dict[str, Any]:
    """opening + arrivals - closures, by the counts that the other panels show, against what the orders themselves say
    was open at the end. off: how many orders that leaves unexplained. now: the end is the moment itself."""
    now = until == asked.at
    opening = hotline.stock(asked.area, asked.span.start, None, asked.where)["now"].open
    closing = held.open if now else loop.waiting(asked.area, until, asked.where, ()).open
    told = {"opening": opening, "arrivals": total.tracked, "closures": total.closed, "closing": closing}
    return told | {"off": discrepancy(opening, total.tracked, total.closed, closing), "now": now}


@panel(bodies.bounces, about="hotline.return_rate", source="hotline", sets="org", needs=("events",))
def bounces(view: View) -> Answer:
    """from_org, from_name, to_org, to_name (to_org '': nobody has them yet; from_org itself: the return was refused),
    kind (returned | reassigned), n (moves), orders, back (moves the other way), most (moves of the order that was moved
    most), order_id (that order): one row a pair of organisations, the most moves first."""
    asked = ask(view)
    if not asked.known:
        return Answer(tabled([], BOUNCES), blank="none")
    span = Span(asked.span.start, _until(asked))
    moves = loop.bounces(asked.area, span, asked.at, asked.where)
    dispatched, back = loop.returned(asked.area, span, asked.at, asked.where)
    rate = return_rate(back, dispatched)
    measured = (Measured.of("hotline.return_rate", rate and rate.value, back, dispatched),)
    names = hotline.organisation_names(asked.lang)
    count: dict[tuple[str, str], int] = {}
    for move in moves:
        count[move.from_org, move.to_org] = count.get((move.from_org, move.to_org), 0) + move.n
    lines = [
        move._asdict()
        | {
            "from_name": names.get(move.from_org, move.from_org) or text("bounces.unknown", asked.lang),
            "to_name": names.get(move.to_org, move.to_org) or text("bounces.nobody", asked.lang),
            "back": count.get((move.to_org, move.from_org), 0) if move.to_org != move.from_org else 0,
            "order_id": str(move.order_id),  # larger than a spreadsheet's numbers
        }
        for move in moves
    ]
    returns = sum(move.n for move in moves if move.kind == "returned")
    said = DASH if rate is None else f"{percent(rate.value)}%"
    note = text("bounces.note", asked.lang, n=exact(returns), rate=said)
    facts = {
        "returns": returns,
        "reassigned": sum(m.n for m in moves if m.kind == "reassigned" or m.to_org not in ("", m.from_org)),
        "refused": sum(m.n for m in moves if m.kind == "returned" and m.to_org == m.from_org),
        "waiting": sum(m.n for m in moves if m.kind == "returned" and not m.to_org),
        "chosen": asked.where.org,
    }
    return Answer(tabled(lines, BOUNCES), measured, facts, "" if lines else "empty", note)
