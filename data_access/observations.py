"""Questions about observed indicators (other domains' figures). Parts are summed, never rates (handbook 6.3)."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from functools import lru_cache

import pandas as pd
from sqlalchemy import Select, and_, func, literal, select, union_all

from data_access.areas import Area, tree
from data_access.engine import data_version, engine, read
from data_access.indicators import Indicator, indicators
from data_access.remember import remembered
from data_access.schema import area as area_table
from data_access.schema import observation as ob
from domain.periods import Base, Span

PARTS = ("numerator", "denominator", "value")
LAST = ("stock", "level")  # over time the last counts, not the sum


@lru_cache(maxsize=4)
def _corrected(_version: int, _url: str) -> bool:
    """Whether any figure was ever corrected; while none was, the newest row need not be looked for."""
    keys = (ob.c.indicator, ob.c.area, ob.c.start, ob.c.end)
    doubles = select(*keys).group_by(*keys).having(func.count() > 1).limit(1)
    return len(read(doubles)) > 0


@lru_cache(maxsize=4)
def _levels(_version: int, _url: str) -> dict[str, int]:
    query = (
        select(ob.c.indicator, func.max(area_table.c.level).label("level"))
        .select_from(ob.join(area_table, and_(area_table.c.code == ob.c.area, area_table.c.valid_to.is_(None))))
        .group_by(ob.c.indicator)
    )
    return dict(read(query).itertuples(index=False, name=None))


def level_of(key: str) -> int | None:
    """The deepest level at which the indicator is reported, None when it is not."""
    found = _levels(data_version(), str(engine().url)).get(key)
    return None if found is None else int(found)


def _known(at: datetime):
    """The observations as they were known at the moment: the newest version of each."""
    if not _corrected(data_version(), str(engine().url)):
        return select(ob).where(ob.c.as_of <= at).subquery()
    newest = func.row_number().over(
        partition_by=(ob.c.indicator, ob.c.area, ob.c.start, ob.c.end), order_by=ob.c.as_of.desc()
    )
    ranked = select(ob, newest.label("version")).where(ob.c.as_of <= at).subquery()
    return select(ranked).where(ranked.c.version == 1).subquery()


def _whole_days(span: Span) -> Span:
    """Figures come a day at a time: the whole days of a span, or the day before when it has none yet."""
    last = datetime.combine(span.end.date(), time.min)
    return Span(span.start, last) if span.start < last else Span(last - timedelta(days=1), last)


def _places(area: Area) -> list[str]:
    return [] if area.level == 0 else [area.code, *(a.code for a in tree().descendants(area.code))]


@remembered
def _asked(keys: tuple[str, ...], spans: tuple[tuple[str, Span], ...], area: Area, at: datetime) -> pd.DataFrame:
    """indicator, span, area, *PARTS: what each span's rows come to, per indicator and reporting place."""
    known = _known(at)
    codes = _places(area)
    flows = tuple(k for k in keys if indicators()[k].kind not in LAST)
    stocks = tuple(k for k in keys if indicators()[k].kind in LAST)
    parts: list[Select] = []
    for label, span in spans:
        inside = [known.c.start >= span.start, known.c.end <= span.end]
        inside += [known.c.area.in_(codes)] if codes else []
        by = (known.c.indicator, known.c.area)
        named = (known.c.indicator, literal(label).label("span"), known.c.area)
        if flows:
            sums = (func.sum(known.c[p]).label(p) for p in PARTS)
            parts.append(select(*named, *sums).where(known.c.indicator.in_(flows), *inside).group_by(*by))
        if stocks:
            newest = select(*by, func.max(known.c.end).label("end")).where(known.c.indicator.in_(stocks), *inside)
            last = newest.group_by(*by).subquery()
            same = and_(last.c.indicator == known.c.indicator, last.c.area == known.c.area, last.c.end == known.c.end)
            parts.append(select(*named, *(known.c[p] for p in PARTS)).join(last, same).where(*inside))
    return read(union_all(*parts)).astype(dict.fromkeys(PARTS, float))


def _valued(indicator: Indicator, frame: pd.DataFrame) -> pd.DataFrame:
    """Adds amount: the indicator's value of each row, NaN when there is none."""
    if indicator.kind in ("ratio", "mean"):
        frame["amount"] = frame["numerator"] / frame["denominator"].where(frame["denominator"] != 0) * indicator.scale
    else:
        frame["amount"] = frame["value"]
    return frame


def _rolled(indicator: Indicator, frame: pd.DataFrame, by: str) -> pd.DataFrame:
    """The parts of the places of one `by` together: sums; of levels the highest."""
    grouped = frame.groupby(by)[list(PARTS)]
    return _valued(indicator, grouped.max() if indicator.kind == "level" else grouped.sum(min_count=1))


def totals(keys: Sequence[str], area: Area, span: Span, base: Base | None, at: datetime) -> dict[str, pd.DataFrame]:
    """Per indicator a frame: index now, base; columns numerator, denominator, value, amount: NaN where there is nothing.
    Whole days only."""
    spans = (("now", _whole_days(span)), *([("base", _whole_days(base.span))] if base else []))
    asked = _asked(tuple(keys), spans, area, at)
    known = indicators()
    return {
        key: _rolled(known[key], asked[asked["indicator"] == key], "span").reindex([label for label, _ in spans])
        for key in keys
    }


def by_child(indicator: Indicator, area: Area, span: Span, at: datetime) -> pd.DataFrame:
    """code, numerator, denominator, value, amount: one row a child of area, NaN where it has none."""
    children = tree().children(area.code)
    frame = _asked((indicator.key,), (("now", _whole_days(span)),), area, at)
    home = {d.code: child.code for child in children for d in [child, *tree().descendants(child.code)]}
    frame["code"] = frame["area"].map(home)
    rolled = _rolled(indicator, frame.dropna(subset=["code"]), "code")
    return rolled.reindex([c.code for c in children]).rename_axis("code").reset_index()


def daily(keys: Sequence[str], area: Area, first: datetime, end: datetime, at: datetime) -> dict[str, pd.DataFrame]:
    """Per indicator a frame: day, numerator, denominator, value, amount: one row a day that has figures, oldest first."""
    asked = _daily(tuple(keys), area, first, end, at)
    known = indicators()
    return {key: _valued(known[key], asked[asked["indicator"] == key].reset_index(drop=True)) for key in keys}


@remembered
def _daily(keys: tuple[str, ...], area: Area, first: datetime, end: datetime, at: datetime) -> pd.DataFrame:
    known = _known(at)
    codes = _places(area)
    inside = [known.c.indicator.in_(keys), known.c.start >= first, known.c.end <= end]
    inside += [known.c.area.in_(codes)] if codes else []
    return read(
        select(known.c.indicator, known.c.start.label("day"), *(func.sum(known.c[p]).label(p) for p in PARTS))
        .where(*inside)
        .group_by(known.c.indicator, known.c.start)
        .order_by(known.c.indicator, known.c.start)
    ).astype(dict.fromkeys(PARTS, float))
