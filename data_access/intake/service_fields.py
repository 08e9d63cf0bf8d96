"""What a description of service data may say: the fields of [columns] and the settings of [services].

kind = "service_queues": one row is a snapshot of one queue: a hall, a kind of business, a moment. kind =
"service_standards": one row is what one standard of service came to over a period as a whole.
"""

from pydantic import BaseModel, Field

KINDS = ("service_queues", "service_standards")
QUEUE = ("hall", "hall_name", "business", "business_name", "moment", "waiting", "windows", "service_minutes", "ticket")
STANDARD = ("standard", "service", "name", "org", "type", "start", "end", "year", "target", "met", "total")
FILLS = {"service_queues": "services.snapshots", "service_standards": "services.standards"}


class Services(BaseModel, extra="forbid", frozen=True):
    """year_begins: the month with which a `year` begins (2023-2024, or 2023). minutes_unset: minutes of service that
    stand for none being known. on_time_types: the types of standards that are about time, the only ones in the rate on
    time; none: all are."""

    year_begins: int = Field(1, ge=1, le=12)
    minutes_unset: tuple[float, ...] = ()
    on_time_types: tuple[str, ...] = ()


def check(kind: str, columns: set[str], codes: dict[str, dict[str, str]], services: Services) -> None:
    """Raise ValueError for [columns], [codes] and [services] that make no sense for a kind."""
    allowed = QUEUE if kind == "service_queues" else STANDARD
    if unknown := sorted(columns - set(allowed)):
        raise ValueError(f"[columns] has no field {', '.join(unknown)}; there are: {', '.join(allowed)}")
    needed = ("hall", "business", "moment", "waiting") if kind == "service_queues" else ("standard", "service", "total")
    if lost := sorted(set(needed) - columns):
        raise ValueError(f"[columns] must say where {', '.join(lost)} comes from")
    if kind == "service_standards" and columns & {"start", "end", "year"} not in ({"start", "end"}, {"year"}):
        raise ValueError("[columns] must say the period as start and end, or as year")
    if services.on_time_types and "type" not in columns:
        raise ValueError("[services] on_time_types needs a type in [columns]: say which column tells it")
    if codes:
        raise ValueError(f"[codes] has no field {', '.join(sorted(codes))}")
