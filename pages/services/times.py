"""How long cases took against what was promised and what the law allows, and who is close to the limit now."""

from collections.abc import Iterable
from typing import Any

from components.bodies import services_times as bodies
from components.panel import Answer, Measured, panel
from components.rows import tabled
from components.view import View
from components.words import DASH, exact, percent, text
from data_access.services import catalogue, counts
from data_access.services import times as data
from pages.asking import named
from pages.services.asked import CASES, Asked, ask
from pages.services.throughput import until

TIMES = ("", "legal", "org", "near")
TOOK = (
    "kind", "code", "name", "n", "late", "median", "p90", "promised", "legal", "of_promise", "of_promise_p90",
    "of_legal_p90", "kept",
)  # fmt: skip
NEAR = ("org", "name", "open", "late", "today", "next")
MOST = 40  # items
FEW = 30  # cases that an item needs to be judged by


def _options(view: View) -> list[tuple[str, str, str]]:
    return [("times", value, text(f"took.by_{value or 'item'}", view.lang)) for value in TIMES]


@panel(
    bodies.times,
    about=("services.on_time_finished", "services.overdue_cases"),
    source="services",
    needs=(CASES,),
    choices=_options,
)
def times(view: View) -> Answer:
    """Of cases finished in the period that had days to be done in. view.times '', 'legal', 'org': kind (special | item
    | org), code, name, n, late, median, p90 (working days without stops), promised, legal (limit that most had; NaN:
    none), of_promise, of_promise_p90, of_legal_p90 (shares of each case's own limit), kept (of specials: share within
    the promise, those done at once included): items the most late first, the first forty; departments the slowest
    first; those with few cases last. 'near': org, name, open (accepted and not finished), late, today (the promise ends
    before the next working day), next (with it), the most pressing first. 'legal' is '' but for the distribution, which
    is then of shares of the legal limit."""
    asked = ask(view)
    span = until(asked)
    chosen = view.times if view.times in TIMES else ""
    # summed by special, which its rows need by themselves: the page's totals are seventeen counts more
    sums = data.by_special(asked.area, asked.span, asked.base, asked.where)
    near = data.near(asked.area, asked.at, asked.where)
    told = data.finished(asked.area, span, asked.where, "legal" if chosen == "legal" else "promised_days")
    frame = _near(asked, near) if chosen == "near" else _took(asked, chosen)
    (in_time, done), before = (_summed(row.now for row in sums), _summed(row.base for row in sums if row.base))
    overdue = sum(one.late for one in near)
    measured = (
        Measured.of("services.on_time_finished", _share(in_time, done), in_time, done, _share(*before)),
        Measured.of("services.overdue_cases", overdue),
    )
    if not asked.known:
        return Answer(frame, blank="none")
    if not done and not near:
        return Answer(frame, measured, blank="empty")
    once = data.at_once(asked.area, span, asked.where)
    pressing = {"late": overdue, "today": sum(one.today for one in near), "next": sum(one.next for one in near)}
    facts = {
        "chosen": chosen,
        "bins": list(zip([*data.EDGES, None], told.bins, strict=True)),
        "in_time": data.IN_TIME,
        "n": told.n,
        "late": told.late,
        "without": told.without,
        "pressing": pressing,
        "once": _once(once, asked.lang),
        "here": asked.where.org if chosen in ("org", "near") else asked.where.item,
        "links": {key: view.to(state=key, after="", case="").search for key in pressing},
    }
    return Answer(frame, measured, facts)


def _summed(some: Iterable[counts.Counts]) -> tuple[int, int]:
    """Finished within their promise, and finished."""
    told = list(some)
    return sum(one.in_time for one in told), sum(one.finished for one in told)


def _share(part: float, whole: float) -> float | None:
    return part / whole if whole else None


def _once(told: data.AtOnce, lang: str) -> str:
    if not told.n:
        return ""
    said = (f"{exact(value)}" if value is not None else DASH for value in (told.median, told.p90))
    median, p90 = said
    share = percent(_share(told.same_day, told.n))
    return text("took.once", lang, n=exact(told.n), median=median, p90=p90, share=share)


def _took(asked: Asked, chosen: str) -> Any:
    span = until(asked)
    if chosen == "org":
        some = sorted(
            data.took(asked.area, span, "org", asked.where),
            key=lambda one: (one.n < FEW, -one.of_promise_p90, -one.late, one.code),
        )
        return tabled([_row("org", one, named("org", one.code, asked.lang)) for one in some], TOOK, TOOK[3:])
    rows = []
    kept = {row.code: row.now for row in data.by_special(asked.area, span, asked.base, asked.where)}
    for one in data.took(asked.area, span, "special", asked.where):
        share = _share(kept[one.code].in_time, kept[one.code].finished)
        rows.append(_row("special", one, text(f"special.{one.code}", asked.lang)) | {"kept": share})
    names = catalogue.item_names()
    for one in data.took(asked.area, span, "item", asked.where, most=MOST, few=FEW):
        zh, en = names.get(one.code, (one.code, None))
        rows.append(_row("item", one, zh if asked.lang == "zh" else en or zh))
    return tabled(rows, TOOK, TOOK[3:])


def _row(kind: str, one: data.Took, name: str) -> dict[str, Any]:
    return dict.fromkeys(TOOK) | one._asdict() | {"kind": kind, "name": name}


def _near(asked: Asked, near: tuple[data.Near, ...]) -> Any:
    some = sorted(near, key=lambda one: (-(one.late + one.today), -one.late, -one.next, one.org))
    return tabled([one._asdict() | {"name": named("org", one.org, asked.lang)} for one in some], NEAR)
