"""What a load keeps besides its data: the rows it refused and its own row in the log."""

from datetime import datetime

import pandas as pd
from sqlalchemy import Connection, delete, insert, select, update

from data_access import bulk
from data_access.intake import checks
from data_access.intake.description import Description
from data_access.intake.report import Report
from data_access.schema import load_log, quarantine, source

Bad = tuple[int, str, str, str]  # line, reason code, detail, the whole row
_LINES = 5  # lines named for each reason


def refuse(connection: Connection, report: Report, rows: list[Bad]) -> None:
    """Put rows in quarantine and say so in the report."""
    if not rows:
        return
    report.quarantined += len(rows)
    for line, code, _, _ in rows:
        report.reasons[code] += 1
        lines = report.lines.setdefault(code, [])
        if len(lines) < _LINES:
            lines.append(line)
    columns = {
        "load_id": report.load_id,
        "source": report.source,
        "file": report.file[:200],
        "line": [line for line, *_ in rows],
        "reason": [checks.reason(code, detail) for _, code, detail, _ in rows],
        "raw": [raw for *_, raw in rows],
    }
    bulk.insert(connection, quarantine, pd.DataFrame(columns))


def log(connection: Connection, report: Report, loaded_at: datetime) -> None:
    """The load's row; what an earlier load already put in quarantine is not kept twice."""
    mine, earlier = quarantine.alias("mine"), quarantine.alias("earlier")
    again = (
        select(mine.c.raw)
        .join(earlier, (earlier.c.raw == mine.c.raw) & (earlier.c.source == mine.c.source))
        .where(mine.c.load_id == report.load_id, earlier.c.load_id != report.load_id)
    )
    if report.quarantined:
        connection.execute(
            delete(quarantine).where(quarantine.c.load_id == report.load_id, quarantine.c.raw.in_(again))
        )
    kept = ("load_id", "source", "digest", "rows_read", "stored", "updated", "already", "quarantined", "unplaced")
    values = {name: getattr(report, name) for name in (*kept, "data_from", "data_to")}
    connection.execute(
        insert(load_log).values(**values, file=report.file[:200], loaded_at=loaded_at, report=report.to_json())
    )


def declare(connection: Connection, description: Description) -> None:
    """The source's row, as the description says it now."""
    values = {
        "name_zh": description.name_zh,
        "name_en": description.name_en,
        "cadence_minutes": description.cadence_minutes,
        "fields": description.filled(),
    }
    known = connection.execute(select(source.c.key).where(source.c.key == description.key)).first()
    if known:
        connection.execute(update(source).where(source.c.key == description.key).values(**values))
    else:
        connection.execute(insert(source).values(key=description.key, **values))
