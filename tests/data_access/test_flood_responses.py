"""The response level that people declared, as it stood at a moment."""

from datetime import datetime, timedelta

from data_access import engine
from data_access.flood import responses
from data_access.flood.tables import flood_response

START = datetime(2026, 6, 18, 9, 20)


def _row(order: str, level: int, start: datetime, end: datetime | None = None) -> dict:
    return {"order_no": order, "level": level, "declared_by": "市防指", "start_at": start, "end_at": end, "basis": "-"}


def test_the_highest_response_in_force_counts_and_only_while_it_is(database):
    ends = START + timedelta(hours=6)
    with engine.committing() as connection:
        rows = [_row("7", 3, START), _row("8", 2, START + timedelta(hours=2), ends)]
        connection.execute(flood_response.insert(), rows)
    assert responses.in_force(START - timedelta(minutes=1)) is None
    told = {at: responses.in_force(at) for at in (START, START + timedelta(hours=3), ends)}
    assert [(one.order_no, one.level) for one in told.values() if one] == [("7", 3), ("8", 2), ("7", 3)]
