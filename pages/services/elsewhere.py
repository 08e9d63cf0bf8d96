"""The services' numbers as other pages show them: of all cases of the place and period, whatever filters those pages
have of their own. The same counts as on the services page."""

from components.view import View
from data_access import coverage
from data_access.areas import Area
from data_access.services import counts
from pages.rates import Figure
from pages.services.asked import CASES, DEEPEST, Asked, ask
from pages.services.headline import day_counts
from pages.services.rates import RATES, of_counts


def told(key: str) -> bool:
    """Whether the indicator is counted of cases here: there are some."""
    return key in RATES and coverage.ever(CASES)


def _all(view: View) -> Asked:
    """Every case: the filters of another page are not about cases."""
    return ask(View(**view.model_dump(include={"area", "period", "compare", "at", "lang", "theme", "mode"})))


def totals(key: str, view: View) -> tuple[Figure, Figure]:
    """The indicator of the period and of the base; nothing is compared with a base of too few cases."""
    asked = _all(view)
    found = counts.totals(asked.area, asked.span, asked.base) if asked.known else {}
    base = of_counts(key, found.get("base"))
    return of_counts(key, found.get("now")), Figure() if base.few else base


def course(key: str, view: View, days: int) -> list[float | None]:
    """The indicator of each of the last whole days, oldest first."""
    return [of_counts(key, n).value for n in day_counts(_all(view), days)]


def by_child(key: str, view: View, parent: Area) -> dict[str, Figure]:
    """Code of each child of a place -> the indicator; empty below the streets, which cases do not tell apart."""
    asked = _all(view)
    if parent.level >= DEEPEST:
        return {}
    found, _ = counts.by_child(parent, asked.span, asked.base)
    return {row.code: of_counts(key, row.now if asked.known else None) for row in found}
