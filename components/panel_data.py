"""The data behind the picture: what a panel's frame means, and the frame itself as JSON, CSV and Excel."""

import csv
import io
import json
import logging
import re
import secrets
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any

import pandas as pd
from flask import Flask, Response, request
from openpyxl import Workbook

from components.panel import Answer, Export, Measured, Panel, moment_of, outside, panels, period_words, place_of
from components.rows import rows
from components.view import View
from components.words import cadence_words, exact, text
from data_access.indicators import Indicator, indicators

log = logging.getLogger("citydeck.panel")


def meta(asked: Panel, view: View, answer: Answer) -> dict[str, Any]:
    """What a frame means: scope, period, as-of, source with its age, and the definition of each indicator in it."""
    at = moment_of(view)
    span, base = view.span(at), view.base(at)
    place = place_of(view)
    source = next((s for s in outside().freshness(at) if s.key == asked.source), None)
    lang = view.lang
    known = indicators(at.date())
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
        "lang": lang,
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


def notes(described: dict[str, Any], rest: Export | None = None) -> Iterator[str]:
    """What a file says before its rows; of an export also how many rows it has, and that there are more."""
    for key in ("demo", "title", "note", "as_of", "view"):
        if described[key]:
            yield f"{key}: {described[key]}"
    for key in ("area", "period", "compare", "source"):
        if described[key]:
            yield f"{key}: {json.dumps(described[key], ensure_ascii=False)}"
    for one in described["definitions"]:
        yield f"{one['name']}: {one['definition']}"
    if rest is not None:
        lang = described["lang"]
        cut = rest.total > rest.most
        words = {"n": exact(rest.total), "most": exact(rest.most)}
        yield text("export.capped" if cut else "export.rows", lang, **words)


def _parts(frame: pd.DataFrame, rest: Export | None) -> tuple[Sequence[str], Iterator[Sequence[Sequence[Any]]]]:
    """columns, rows in parts: of the export where there is one, else of the frame. The first part is asked for at once,
    so that what fails fails before anything is sent."""
    if rest is None:
        return list(frame.columns), iter([list(rows(frame))])
    first = next(rest.parts, ())
    return rest.columns, chain([first], rest.parts)


def as_csv(described: dict[str, Any], frame: pd.DataFrame, rest: Export | None = None) -> Iterator[str]:
    """The rows with their meta as leading '# ' lines, in pieces; UTF-8 with BOM."""
    columns, parts = _parts(frame, rest)

    def pieces() -> Iterator[str]:
        out = io.StringIO("\ufeff")
        out.seek(0, io.SEEK_END)
        writer = csv.writer(out, lineterminator="\r\n")
        writer.writerows([f"# {line}"] for line in notes(described, rest))
        writer.writerow(columns)
        for part in parts:
            writer.writerows(["" if pd.isna(v) else safe_cell(v) for v in row] for row in part)
            yield out.getvalue()
            out.seek(0)
            out.truncate()

    return pieces()


NOT_IN_A_SHEET = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
NOT_IN_A_NAME = re.compile(r"[\[\]:*?/\\']")


def as_xlsx(described: dict[str, Any], frame: pd.DataFrame, rest: Export | None = None) -> bytes:
    """The rows on one sheet, what they mean on another. Rows go to a file on disk as they come."""
    columns, parts = _parts(frame, rest)
    book = Workbook(write_only=True)
    sheet = book.create_sheet(NOT_IN_A_NAME.sub(" ", described["title"])[:31])
    sheet.freeze_panes = "A2"
    sheet.append(list(columns))
    for part in parts:
        for row in part:
            sheet.append([_cell(value) for value in row])
    about = book.create_sheet(text("export.about", described["lang"]))
    for line in notes(described, rest):
        about.append([_cell(line)])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _cell(value: Any) -> Any:
    if isinstance(value, str):
        return safe_cell(NOT_IN_A_SHEET.sub("", value)[:32_000])
    return None if pd.isna(value) else value


KINDS = {"csv": "text/csv", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}


def data_routes(server: Flask) -> None:
    """/data/<panel>.csv, .json, .xlsx: exactly the frame that the panel draws for the same query fields; CSV and Excel
    of a panel that shows a page of many rows have all of them, up to a cap that they name."""

    @server.get("/data/<name>.<kind>")
    def behind(name: str, kind: str) -> Response:
        if name not in panels or kind not in ("csv", "json", "xlsx"):
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
            if kind != "json":
                rest = asked.export(view) if asked.export and not answer.blank else None
                body = (
                    as_csv(described, answer.frame, rest) if kind == "csv" else as_xlsx(described, answer.frame, rest)
                )
                named = {"Content-Disposition": f'attachment; filename="{name}.{kind}"'}
                return Response(body, mimetype=KINDS[kind], headers=named)
        except Exception:
            reference = secrets.token_hex(4)
            log.exception("data of panel %s failed, reference %s", name, reference)
            return Response(json.dumps({"error": "failed", "reference": reference}), 500, mimetype="application/json")
        # straight to text: pandas writes moments and NaN as JSON has them
        records = answer.frame.to_json(orient="records", date_format="iso", date_unit="s", force_ascii=False)
        data = json.loads(records or "[]")
        body = json.dumps({"meta": described, "data": data}, ensure_ascii=False, allow_nan=False, default=_plain)
        return Response(body, mimetype="application/json")


def _plain(value: Any) -> Any:
    return value.item() if hasattr(value, "item") else str(value)
