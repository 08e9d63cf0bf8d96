"""Standards of service: on time by service, where a source tells volumes that met a standard."""

from datetime import timedelta
from typing import Any

import pandas as pd

from components.bodies import services_standards as bodies
from components.panel import Answer, Measured, panel
from components.rows import tabled
from components.view import View
from components.words import exact, percent, text
from data_access.services import standards as data
from pages.services.asked import ask

FIELDS = ("source", "service", "standard", "name", "org", "start", "end", "met", "total", "rate", "target", "miss",
          "flag", "counts")  # fmt: skip
NUMBERS = ("met", "total", "rate", "target")


@panel(bodies.standards, about="services.standards_met", source="services_canada")
def standards(view: View) -> Answer:
    """source, service, standard (numbers), name, org, start, end (exclusive), met, total, rate (met over total; NaN for
    what is flagged or had nothing to do), target, miss (whether the rate is below it), flag (above: more met than there
    were; missing: met or total; other: a standard of something else than time), counts (whether it stands in the rate
    of all): one row a standard of the newest period, those that miss by the most cases first, the flagged apart at the
    end."""
    asked = ask(view)
    found = data.standards(asked.at)
    if not found:
        words = text("standards.no_source", asked.lang)
        return Answer(pd.DataFrame({"service": []}), facts={"lacking": ["standards"]}, blank="none", note=words)
    met, total = data.volumes(found)
    rows = []
    for one in found:
        rate = (one.met or 0.0) / one.total if one.counts and one.total else None
        miss = rate is not None and one.target is not None and rate < one.target
        rows.append({**one._asdict(), "rate": rate, "miss": miss, "counts": one.counts})
    rows.sort(key=lambda row: (row["flag"] != "", not row["counts"], not row["miss"], -_short(row), row["name"]))
    above, missing, other = (sum(one.flag == flag for one in found) for flag in ("above", "missing", "other"))
    missed = sum(row["miss"] for row in rows)
    judged = sum(row["counts"] and row["target"] is not None for row in rows)
    nothing = sum(not one.flag and not one.total for one in found)
    facts = {
        "said": text(
            "standards.said", asked.lang, value=percent(met / total if total else None), met=exact(met),
            total=exact(total), missed=exact(missed), judged=exact(judged),
        ),
        "apart": text(
            "standards.apart", asked.lang, above=exact(above), missing=exact(missing), other=exact(other),
            nothing=exact(nothing),
        ),
    }  # fmt: skip
    first, last = min(one.start for one in found), max(one.end for one in found)
    ends = last - timedelta(days=1)
    note = text("standards.period", asked.lang, start=f"{first:%Y-%m}", end=f"{ends:%Y-%m}", n=exact(len(found)))
    measured = Measured.of("services.standards_met", met / total if total else None, met, total)
    return Answer(tabled(rows, FIELDS, NUMBERS), (measured,), facts, note=note)


def _short(row: dict[str, Any]) -> float:
    """Cases that are short of the target."""
    if not row["miss"]:
        return 0.0
    return row["target"] * row["total"] - row["met"]
