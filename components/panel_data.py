"""The data behind the picture: what a panel's frame means, and the frame itself as JSON and CSV."""

import csv
import io
import json
import logging
import secrets
from typing import Any

import pandas as pd
from flask import Flask, Response, request

from components.panel import Answer, Measured, Panel, moment_of, outside, panels, period_words, place_of
from components.rows import rows
from components.view import View
from components.words import cadence_words, text
from data_access.indicators import Indicator, indicators

log = logging.getLogger("citydeck.panel")


def meta(asked: Panel, view: View, answer: Answer) -> dict[str, Any]:
    """What a frame means: scope, period, as-of, source with its age, and the definition of each indicator in it."""
    at = moment_of(view)
    span, base = view.span(at), view.base(at)
    place = place_of(view)
    source = next((s for s in outside().freshness(at) if s.key == asked.source), None)
    lang = view.lang
    known = indicators()
    measured = answer.measured or tuple(Measured(key, None) for key in asked.about)
    return {
        "panel": asked.name,
        "title": asked.title(lang),
        "demo": text("app.demo", lang) if outside().demo() else "",
        "area": {"code": place.code, "name": place.label(lang)} if place else None,
        "period": {"start": span.start.isoformat(), "end": span.end.isoformat(), "words": period_words(view, at)},
        "compare": {"start": base.span.start.isoformat(), "end": base.span.end.isoformat(), "aligned": base.aligned}
        if base
        else None,
        "as_of": at.isoformat(),
        "source": {
            "key": asked.source,
            "name": getattr(source, f"name_{lang}"),
            "last_data_at": None if source.last_data_at is None else source.last_data_at.isoformat(),
            "state": source.state,
            "cadence": cadence_words(source.cadence_minutes, lang),
        }
        if source is not None
        else {"key": asked.source},
        "note": answer.note,
        "view": view.search,
        "definitions": [definition(known[m.key], m, lang) for m in measured if m.key in known],
        "rows": len(answer.frame),
        "state": answer.blank or "ready",
    }


def definition(indicator: Indicator, now: Measured, lang: str) -> dict[str, Any]:
    """The definition card of an indicator, with its numerator and denominator now."""
    return {
        "key": indicator.key,
        "name": indicator.said("name", lang),
        "unit": indicator.said("unit", lang),
        "kind": indicator.kind,
        "percent": indicator.is_percent,
        "value": now.value,
        "numerator": now.numerator,
        "denominator": now.denominator,
        "base": now.base,
        "numerator_is": indicator.said("numerator", lang),
        "denominator_is": indicator.said("denominator", lang),
        "definition": indicator.said("definition", lang),
        "is_not": indicator.said("not", lang),
        "adds_up": text(f"aggregate.{indicator.kind}", lang),
        "direction": text(f"card.better_{indicator.better}", lang),
        "target": indicator.target,
        "origin": indicator.origin,
    }


FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


def safe_cell(value: Any) -> Any:
    """A text that a spreadsheet would run as a formula gets a leading apostrophe; numbers stay numbers."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA_STARTS) else value


def as_csv(described: dict[str, Any], frame: pd.DataFrame) -> str:
    """The frame with its meta as leading '# ' lines; UTF-8 with BOM is added by the caller."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    for key in ("demo", "title", "note", "as_of", "view"):
        if described[key]:
            writer.writerow([f"# {key}: {described[key]}"])
    for key in ("area", "period", "compare", "source"):
        if described[key]:
            writer.writerow([f"# {key}: {json.dumps(described[key], ensure_ascii=False)}"])
    for one in described["definitions"]:
        writer.writerow([f"# {one['name']}: {one['definition']}"])
    writer.writerow(list(frame.columns))
    for row in rows(frame):
        writer.writerow(["" if pd.isna(v) else safe_cell(v) for v in row])
    return out.getvalue()


def data_routes(server: Flask) -> None:
    """/data/<panel>.csv and .json: exactly the frame that the panel draws for the same query fields."""

    @server.get("/data/<name>.<kind>")
    def behind(name: str, kind: str) -> Response:
        if name not in panels or kind not in ("csv", "json"):
            return Response(
                json.dumps({"error": f"no panel {name}.{kind}", "panels": sorted(panels)}),
                404,
                mimetype="application/json",
            )
        asked = panels[name]
        view = View.from_query(request.args.to_dict())
        try:
            answer = asked.answer(view)
            described = meta(asked, view, answer)
        except Exception:
            reference = secrets.token_hex(4)
            log.exception("data of panel %s failed, reference %s", name, reference)
            return Response(json.dumps({"error": "failed", "reference": reference}), 500, mimetype="application/json")
        if kind == "json":
            # straight to text: pandas writes moments and NaN as JSON has them
            records = answer.frame.to_json(orient="records", date_format="iso", date_unit="s", force_ascii=False)
            data = json.loads(records or "[]")
            body = json.dumps({"meta": described, "data": data}, ensure_ascii=False, allow_nan=False, default=_plain)
            return Response(body, mimetype="application/json")
        return Response(
            "\ufeff" + as_csv(described, answer.frame),
            mimetype="text/csv",
            headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
        )


def _plain(value: Any) -> Any:
    return value.item() if hasattr(value, "item") else str(value)
