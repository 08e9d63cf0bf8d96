"""What people thought of it: good ratings with and without those by default, why bad ones are bad, what followed."""

from components.bodies import services_ratings as bodies
from components.panel import Answer, Measured, panel
from components.rows import tabled
from components.view import View
from components.words import section, text
from data_access.services import counts
from data_access.services import ratings as data
from pages.services.asked import CASES, ask
from pages.services.throughput import until

REASON = ("code", "name", "n", "share", "rectified")
WORD = ("phrase", "n", "share")
CHOICES = ("", "words")


def _options(view: View) -> list[tuple[str, str, str]]:
    return [("bad", value, text(f"bad.by_{value or 'reason'}", view.lang)) for value in CHOICES]


def _share(part: float, whole: float) -> float | None:
    return part / whole if whole else None


@panel(
    bodies.ratings,
    about=("services.good_rating", "services.active_rating", "services.rectified"),
    source="services",
    needs=(CASES,),
    choices=_options,
)
def ratings(view: View) -> Answer:
    """Of the bad ratings of the period. view.bad '': code, name, n, share (of the bad), rectified (by the moment): one
    row a reason. 'words': phrase (masked), n (bad ratings that have it), share (of those with words). The most frequent
    first."""
    asked = ask(view)
    span = until(asked)
    total = counts.totals(asked.area, asked.span, asked.base, asked.where)
    now, base = total["now"], total.get("base") if asked.base else None
    told = data.bad(asked.area, span, asked.at, asked.where)
    chosen = view.bad if view.bad in CHOICES else ""
    if chosen:
        frame = tabled([{"phrase": p, "n": n, "share": _share(n, told.told)} for p, n in told.words], WORD, ("share",))
    else:
        names = section("bad_reason", asked.lang)
        rows = [
            one._asdict() | {"name": names.get(one.code or "none", one.code), "share": _share(one.n, told.n)}
            for one in told.reasons
        ]
        frame = tabled(rows, REASON, ("share",))
    measured = (
        Measured.of(
            "services.good_rating", _share(now.good, now.rated), now.good, now.rated,
            _share(base.good, base.rated) if base else None,
        ),
        Measured.of(
            "services.active_rating", _share(now.rated_actively, now.finished), now.rated_actively, now.finished,
            _share(base.rated_actively, base.finished) if base else None,
        ),
        Measured.of(
            "services.rectified", _share(now.rectified, now.rectify_due), now.rectified, now.rectify_due,
            _share(base.rectified, base.rectify_due) if base else None,
        ),
    )  # fmt: skip
    if not now.rated and not now.rectify_due:
        return Answer(frame, measured, blank="empty" if asked.known else "none")
    by_default = now.rated - now.rated_actively
    good_actively = now.good - (by_default - told.default)  # what a system rates is good or bad, never fair
    facts = {
        "chosen": chosen,
        "rated": now.rated,
        "by_default": by_default,
        "good": _share(now.good, now.rated),
        "actively": _share(good_actively, now.rated_actively),
        "good_actively": good_actively,
        "active": now.rated_actively,
        "bad": now.bad,
        "due": now.rectify_due,
        "rectified": now.rectified,
        "rate": _share(now.rectified, now.rectify_due),
        "waiting": told.waiting,
        "overdue": told.overdue,
        "link": view.to(state="bad", after="", case="").search,
    }
    return Answer(frame, measured, facts)
