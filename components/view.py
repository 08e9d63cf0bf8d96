"""The View: everything that decides what is on screen, and its place in the URL."""

import re
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal, Self
from urllib.parse import parse_qsl, urlencode

from pydantic import AfterValidator, BaseModel, Field, ValidationError

from domain.periods import EARLIEST_YEAR, Base, Span, base_of, span_of

PERIODS = ("today", "7d", "30d", "90d", "12m")
COMPARISONS = ("yoy", "mom", "none")
_defaults: dict[str, Any] = {"lang": "zh", "theme": "dark"}
_aligned = True


def set_defaults(*, lang: str, theme: str, aligned: bool = True) -> None:
    """The deployment's own language and theme, for links that name none. aligned: whether 同比 puts Chinese holidays
    and moved workdays beside each other."""
    global _aligned
    _defaults.update(lang=lang, theme=theme)
    _aligned = aligned


def _period(value: str) -> str:
    if value not in PERIODS and not re.fullmatch(r"\d{4}-\d\d-\d\d\.\.\d{4}-\d\d-\d\d", value):
        raise ValueError("not a period")
    if value not in PERIODS:
        span_of(value, datetime.max)  # both days exist and are in order
    return value


def _moment(value: datetime | None) -> datetime | None:
    if value is not None and value.year < EARLIEST_YEAR:
        raise ValueError("not a moment of any data")
    return None if value is None else value.replace(tzinfo=None, second=0, microsecond=0)


FORM = "%Y-%m-%dT%H:%M"  # of a moment in an address
LONGEST_REPLAY = timedelta(days=92)


def written(span: Span) -> str:
    """A span of moments as `replay` has it."""
    return f"{span.start.strftime(FORM)}..{span.end.strftime(FORM)}"


def day_before(at: datetime) -> Span:
    """What is replayed when nothing is chosen: the day up to a moment."""
    return Span(at - timedelta(days=1), at)


def _replayed(value: str) -> str:
    """START..END, each to the minute; '' is none."""
    if not value:
        return ""
    start, end = (_moment(datetime.fromisoformat(part)) for part in value.split(".."))
    if start is None or end is None or not start < end <= start + LONGEST_REPLAY:
        raise ValueError("not a span to replay")
    return written(Span(start, end))


def _plain(value: str) -> str:
    if any(c < " " or c == "\x7f" for c in value):  # in no code and no name, and PostgreSQL refuses a zero byte
        raise ValueError("not text")
    return value


Code = Annotated[str, Field(max_length=40), AfterValidator(_plain)]


class View(BaseModel, frozen=True, extra="ignore"):
    """One permalink. A field at its default stays out of the URL; one that makes no sense is as if it were not
    there."""

    area: Code = ""  # code of a place; '' is the whole city
    period: Annotated[str, AfterValidator(_period)] = "30d"
    compare: Literal["yoy", "mom", "none"] = "yoy"
    at: Annotated[datetime | None, AfterValidator(_moment)] = None  # as-of moment; None is now
    replay: Annotated[str, Field(max_length=80), AfterValidator(_replayed)] = ""  # START..END that is played back
    speed: Annotated[int, Field(ge=1, le=600)] = 60  # replay: minutes of the city in a minute
    play: Literal["", "1"] = ""  # replay: starts by itself
    loop: Literal["", "1"] = ""  # replay: begins anew at its end
    lang: Literal["zh", "en"] = Field(default_factory=lambda: _defaults["lang"])
    theme: Literal["dark", "light"] = Field(default_factory=lambda: _defaults["theme"])
    mode: Literal["desk", "wall"] = "desk"
    # the wall: a profile as domain.wall writes it, or the name of a saved one; '' the deployment's
    wall: Annotated[str, Field(max_length=120), AfterValidator(_plain)] = ""
    metric: Code = ""  # what the map and the ranking show
    topic: Code = ""  # hotline category, level 2
    group: Code = ""  # hotline category, level 1
    category: Code = ""  # hotline category, the deepest
    org: Code = ""  # organisation in charge
    channel: Code = ""
    appeal: Code = ""  # kind of appeal: consult, help, complaint ...
    line: Code = ""  # hotline: enterprise or talent line
    mark: Code = ""  # orders that were redone, returned, supervised ...
    state: Code = ""  # which orders the list shows
    by: Code = ""  # hotline league: districts or streets (''), organisations
    problems: Code = ""  # hotline problems: the biggest (''), the emerging
    bursts: Code = ""  # hotline bursts: sudden ones (''), collective appeals (crowd), what comes back (again)
    late: Code = ""  # hotline late shares: by organisation (''), by place; hours; channels
    sort: Code = ""  # order of the list
    after: Code = ""  # where the next page of the list begins
    order: Code = ""  # the order whose course is open
    station: Code = ""  # flood: the station that is looked at; '' the worst of the place
    back: Code = ""  # flood station: how far back, a day (''), 7d, 30d
    layer: Code = ""  # flood map: rain of 24 h (''), rain1, catchment, ponding
    reservoir: Code = ""  # flood: the reservoir of the release board; '' the most pressing
    plan: Annotated[str, Field(max_length=200), AfterValidator(_plain)] = ""  # flood: a release plan of one's own
    alarm: Annotated[str, Field(max_length=60), AfterValidator(_plain)] = ""  # flood: the alarm that is open
    item: Code = ""  # services: the item of cases
    matter: Code = ""  # services: the theme (一件事) of cases
    special: Code = ""  # services: startup, construction
    applicant: Code = ""  # services: person, company
    hall: Code = ""  # services: the hall that is looked at
    windows: Annotated[int, Field(ge=0, le=200)] = 0  # services: windows to try out; 0 as many as are open
    # services: minutes of mean wait to count windows for; '' the city's
    wait: Annotated[str, Field(pattern=r"^([1-9]\d?)?$")] = ""
    case: Code = ""  # services: the case whose course is open
    score: Code = ""  # services: the variant that item-based rates are counted by
    flow: Code = ""  # services throughput: by day (''), hour, channel, org
    times: Code = (
        ""  # services handling time: by item (''; legal: against the law's limit), org; cases near their limit (near)
    )
    bad: Code = ""  # services ratings: reasons (''), words
    board: Code = ""  # services league: departments (''), districts
    report: Annotated[str, Field(max_length=80), AfterValidator(_plain)] = ""  # reports: the open issue; '' the newest
    city: Code = ""  # ledger: one city
    domain: Code = ""  # ledger: one domain
    q: Annotated[str, Field(max_length=80), AfterValidator(_plain)] = ""  # ledger: search

    @classmethod
    def from_query(cls, query: dict[str, str]) -> Self:
        """Read what is valid; whatever is not stays at its default. The moment of a replay lies in its span: where the
        address names none there, its start."""
        try:
            view = cls.model_validate_strings(query)
        except ValidationError as error:
            wrong = {problem["loc"][0] for problem in error.errors()}
            view = cls.model_validate_strings({k: v for k, v in query.items() if k not in wrong})
        if (span := view.replayed) and not (view.at and span.start <= view.at <= span.end):
            return view.to(at=span.start)
        return view

    @classmethod
    def from_search(cls, search: str | None) -> Self:
        return cls.from_query(dict(parse_qsl((search or "").removeprefix("?"))))

    @property
    def search(self) -> str:
        """'?area=...' with the fields that are not at their default, '' when all are."""
        default = type(self)().model_dump()
        query = {
            name: value.isoformat(timespec="minutes") if isinstance(value, datetime) else value
            for name, value in self.model_dump().items()
            if value != default[name]
        }
        return f"?{urlencode(query)}" if query else ""

    @property
    def replayed(self) -> Span | None:
        """The span that is played back, None when none is."""
        return Span(*map(datetime.fromisoformat, self.replay.split(".."))) if self.replay else None

    def to(self, **changes: object) -> Self:
        """The same view with something changed."""
        return self.model_validate({**self.model_dump(), **changes})

    def span(self, now: datetime) -> Span:
        """The period in moments. A period that lies wholly in the future of `now` is empty at its start."""
        try:
            return span_of(self.period, now)
        except ValueError:
            return span_of("30d", now)

    def base(self, now: datetime) -> Base | None:
        """What the period is compared with, None when nothing."""
        return base_of(self.period, self.span(now), self.compare, now, align=_aligned)
