"""What the map and the ranking show: one number a place, by a metric that the View chooses among those the data can
give."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from components.judging import misses
from components.panel import Measured
from components.rows import given
from components.view import View
from components.words import DASH, days, exact, number, percent, text
from data_access import bursts, hotline, observations
from data_access.areas import Area, tree
from data_access.indicators import Indicator, indicators
from data_access.running import STREET
from data_access.where import place_column
from domain.hotline_rules import rules
from pages.asking import Asked, ask, tells
from pages.rates import Figure, of_counts
from pages.services import elsewhere

ONLINE = "services.online_accepted"
METRICS = ("hotline.per_10k", "hotline.on_time", "hotline.received", ONLINE, "water.supply_pressure_ok")


NUMBERS = ("value", "numerator", "denominator", "lon", "lat", "size")


class Placed(NamedTuple):
    """A place's number by a metric. value: a fraction for percent metrics, else in the indicator's unit; None: none.
    received, due, on_time: its orders."""

    code: str
    name: str
    value: float | None
    numerator: float | None
    denominator: float | None
    received: int
    due: int
    on_time: int


@dataclass(frozen=True)
class Compared:
    """Places side by side by one metric.

    parent: the place whose children they are. here: code of the View's own place when it is one of them, else ''.
    lost: orders of the parent that lie in none of them.
    """

    asked: Asked
    indicator: Indicator
    parent: Area
    here: str
    places: tuple[Placed, ...]
    lost: int

    def columns(self) -> dict[str, list[Any]]:
        """The places' numbers by their names."""
        told = zip(*self.places, strict=True) if self.places else ((),) * len(Placed._fields)
        return {name: list(values) for name, values in zip(Placed._fields, told, strict=True)}


def compared(view: View, metrics: Sequence[str] = METRICS) -> Compared:
    """The children of the View's place; at the lowest level the place among its siblings. Raises NoCity."""
    asked, indicator = ask(view), chosen(view, metrics)
    parent = parent_of(asked.area)
    here = "" if parent.code == asked.area.code else asked.area.code
    return Compared(asked, indicator, parent, here, *_places(asked, parent, indicator))


def parent_of(area: Area) -> Area:
    """The place itself, or the one it lies in when nothing lies in it."""
    places = tree()
    if area.parent is None or places.children(area.code):
        return area
    return places.get(area.parent) or area


def available(view: View, metrics: Sequence[str] = METRICS) -> list[Indicator]:
    """Of the metrics those that this city's data can give, in order: a source may lack closing times, a list
    population."""
    known = indicators()
    asked = ask(view)

    def observed(key: str) -> bool:
        return not key.startswith("hotline.") and observations.level_of(key) is not None

    limited = tells(asked, "due_at", "close_at")
    inner = parent_of(asked.area).level < STREET
    able = {
        ONLINE: inner if elsewhere.told(ONLINE) else observed(ONLINE),
        "hotline.per_10k": any(a.population for a in tree().children(parent_of(asked.area).code)),
        "hotline.on_time": limited,
        "hotline.overdue": limited,
        "hotline.bursts": parent_of(asked.area).level < STREET and tells(asked, "category"),
        "hotline.satisfaction": tells(asked, "satisfaction"),
        "hotline.received": True,
    }
    return [known[k] for k in metrics if k in known and (able[k] if k in able else observed(k))]


def links(view: View, metrics: Sequence[str] = METRICS) -> list[tuple[str, str, str]]:
    """(field, value, words) of the metric switch; the first metric is the default and stays out of the URL."""
    some = available(view, metrics)
    return [("metric", "" if i == 0 else m.key, m.said("name", view.lang)) for i, m in enumerate(some)]


def chosen(view: View, metrics: Sequence[str] = METRICS) -> Indicator:
    """The View's metric; the first available when it names none or one that is not."""
    able = available(view, metrics) or [indicators()["hotline.received"]]
    return next((m for m in able if m.key == view.metric), able[0])


def _places(asked: Asked, parent: Area, indicator: Indicator) -> tuple[tuple[Placed, ...], int]:
    """places and lost of Compared."""
    children = {a.code: a for a in tree().children(parent.code)}
    counts, lost = hotline.by_child(parent, asked.span, asked.base, asked.where)
    observed: Mapping[str, observations.Figure] = {}
    of_cases: Mapping[str, Figure] = {}
    if elsewhere.told(indicator.key):
        of_cases = elsewhere.by_child(indicator.key, asked.view, parent)
    elif not indicator.key.startswith("hotline."):
        observed = observations.by_child(indicator, parent, asked.span, asked.at)

    told: Mapping[str, int] = {}
    if asked.known and indicator.key in COUNTED:
        told = COUNTED[indicator.key](asked, parent)

    held = rules(asked.at.date())

    def placed(row: hotline.Row) -> Placed:
        now, child = row.now, children[row.code]
        if of_cases:
            value, numerator, denominator, _ = of_cases[row.code]
        elif observed:
            figure = observed[row.code]
            value, numerator, denominator = figure.amount, figure.numerator, figure.denominator
        elif indicator.key in COUNTED:
            numerator = value = told.get(row.code, 0) if asked.known else None
            denominator = None
        else:
            value, numerator, denominator, _ = of_counts(
                indicator.key, now if asked.known else None, held, child.population
            )
        return Placed(
            row.code, child.label(asked.lang), value, numerator, denominator, now.received, now.due, now.on_time
        )

    return tuple(placed(row) for row in counts), lost


def _overdue(asked: Asked, parent: Area) -> dict[str, int]:
    waiting = hotline.stock_by(parent, asked.at, place_column(parent.level + 1), asked.where)
    return {code: stock.overdue for code, stock in waiting.items()}


def _bursts(asked: Asked, parent: Area) -> dict[str, int]:
    column = place_column(parent.level + 1).removesuffix("_code")
    some = bursts.bursts(parent, asked.at, asked.where)
    return Counter(getattr(one, column) for one in some if one.state == "burst")


# what is counted now and not over the period: place's children -> how many
COUNTED: dict[str, Callable[[Asked, Area], Mapping[str, int]]] = {
    "hotline.overdue": _overdue,
    "hotline.bursts": _bursts,
}


def whole(asked: Asked, indicator: Indicator) -> Measured:
    """The metric of the View's place itself."""
    if elsewhere.told(indicator.key):
        told, _ = elsewhere.totals(indicator.key, asked.view)
        return Measured.of(indicator.key, told.value, told.numerator, told.denominator)
    if not indicator.key.startswith("hotline."):
        now = observations.totals([indicator.key], asked.area, asked.span, None, asked.at)[indicator.key]["now"]
        return Measured.of(indicator.key, now.amount, now.numerator, now.denominator)
    if not asked.known:
        return Measured.of(indicator.key, None)
    if indicator.key == "hotline.overdue":
        waiting = hotline.stock(asked.area, asked.at, asked.before, asked.where)["now"].overdue
        return Measured.of(indicator.key, waiting, waiting)
    if indicator.key == "hotline.bursts":
        n = sum(one.state == "burst" for one in bursts.bursts(asked.area, asked.at, asked.where))
        return Measured.of(indicator.key, n, n)
    row = hotline.totals(asked.area, asked.span, asked.base, asked.where)["now"]
    told = of_counts(indicator.key, row, rules(asked.at.date()), asked.area.population)
    return Measured.of(indicator.key, told.value, told.numerator, told.denominator)


def unit(indicator: Indicator, lang: str) -> str:
    """What stands behind the indicator's numbers."""
    return "%" if indicator.is_percent else indicator.said("unit", lang)


def said(value: float | None, indicator: Indicator, lang: str) -> str:
    """A value in short: 92.6%, 1,234, 5.3; a dash for none."""
    if not given(value):
        return DASH
    if indicator.is_percent:
        return f"{percent(value, 1)}%"
    return number(value, lang)


def sentence(row: Any, indicator: Indicator, asked: Asked) -> str:
    """What a person would say of a place, a row of Compared.frame: its name, the number with its parts, how many
    orders. Lines of Plotly's HTML."""
    lang, metric = asked.lang, indicator.said("name", asked.lang)
    lines = []
    if not given(row.value):
        lines.append(text("map.no_value", lang, name=row.name, metric=metric))
    else:
        words = (
            f"{percent(row.value)}%" if indicator.is_percent else f"{number(row.value, lang)} {unit(indicator, lang)}"
        )
        lines.append(text("map.value", lang, name=f"<b>{row.name}</b>", metric=metric, value=words))
        if row.denominator and indicator.is_percent and row.denominator < rules(asked.at.date()).minimum_n:
            lines.append(text("ranking.few", lang))
        elif indicator.better == "higher" and misses(row.value, indicator.target, indicator.better):
            lines.append(text("map.target_below", lang, value=said(indicator.target, indicator, lang)))
    if indicator.key != "hotline.received":
        period = asked.view.period
        words = days(asked.span.start, asked.span.end) if ".." in period else text(f"period.{period}", lang)
        lines.append(text("map.received", lang, period=words, n=exact(row.received)))
    if row.due:
        share = {
            "value": percent(row.on_time / row.due),
            "numerator": exact(row.on_time),
            "denominator": exact(row.due),
        }
        lines.append(text("map.on_time", lang, **share))
    return "<br>".join(lines)
