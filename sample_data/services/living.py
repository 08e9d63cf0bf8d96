"""The demo city's services go on living: every ten minutes what came and what happened, and the halls' tickets."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from data_access.engine import put
from data_access.schema import deployment
from data_access.services import counts
from sample_data.services import fill
from sample_data.services.cases import Cases
from sample_data.services.catalogue import catalogue
from sample_data.world import World

EVERY = timedelta(minutes=10)
UNTIL = "demo_services_until"
SIZE = "demo_services_size"
SOURCES = ("services", "service_halls")


def ten_minutely(moment: datetime) -> datetime:
    """The last whole ten minutes."""
    return moment.replace(minute=moment.minute // 10 * 10, second=0, microsecond=0)


class Services:
    """The cases of a city that was built with services."""

    def __init__(self, city: World, seed: int, start: datetime, until: datetime) -> None:
        self._city, self._seed, self._start, self._until = city, seed, start, until
        self._cases: Cases | None = None

    def _made(self, size: float, to: datetime) -> Cases:
        if self._cases is None or to + fill.LONGEST > datetime.combine(self._cases.days.last, datetime.min.time()):
            known = catalogue(self._seed, self._until.date())
            later = to + timedelta(days=60)
            self._cases = Cases(self._city, known, seed=self._seed, start=self._start, until=later, size=size)
        return self._cases

    def step(self, connection: Connection, to: datetime) -> dict[str, int]:
        """Bring the services up to the last whole ten minutes; says how many rows came of each source, nothing when
        there is nothing to do."""
        said = {k: v for k, v in connection.execute(select(deployment.c.key, deployment.c.value)) if k in (UNTIL, SIZE)}
        to = ten_minutely(to)
        if UNTIL not in said or to <= (since := datetime.fromisoformat(said[UNTIL])):
            return {}
        came, first = fill.go_on(connection, self._made(float(said[SIZE]), to), since, to)
        tickets = fill.queue(connection, self._seed, since, to)
        if first is not None:
            counts.refresh(connection, first)
        put(connection, UNTIL, to.isoformat())
        return {"services": came, "service_halls": tickets}
