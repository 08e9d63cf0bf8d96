"""An archived report outside the cockpit: as a letter (HTML that stands alone, and plain text), as JSON, as PDF."""

import json
from html import escape
from typing import Any

from briefing import chromium
from briefing.chromium import Window
from briefing.pictures import PAPER, archived
from components.theme import PALETTES
from components.view import View
from components.words import text
from data_access import reports
from data_access.reports import Issue, Text

SECONDS = 60.0


def link(issue: Issue, origin: str) -> str:
    """Where the issue stands in the cockpit."""
    return f"{origin}/reports{View(report=issue.key).search}"


def subject(issue: Issue, lang: str) -> str:
    return text("report_mail.subject", lang, title=issue.title(lang), numbered=issue.numbered(lang))


def plain(issue: Issue, version: Text, lang: str, origin: str) -> str:
    """The sentences, section by section."""
    said = version.content.get(lang, [])
    lines = [subject(issue, lang), ""]
    if issue.about.get("demo"):
        lines += [text("app.demo", lang), ""]
    for section in issue.about["sections"]:
        some = [one["text"] for one in said if one["section"] == section["name"]]
        lines += [section[lang], *(f"- {one}" for one in some), ""] if some else []
    return "\n".join([*lines, text("report_mail.see", lang, link=link(issue, origin)), ""])


def as_html(issue: Issue, version: Text, lang: str, origin: str) -> str:
    """A page that needs nothing else: sentences, tiles and tables; charts are where the link leads."""
    p = PALETTES["light"]
    said = version.content.get(lang, [])
    titles = {one["name"]: one[lang] for one in issue.about["sections"]}
    told = reports.parts(issue.key, lang)
    top = "".join(f"<p><b>{escape(titles[s['section']])}</b> {escape(s['text'])}</p>" for s in reports.on_top(said))
    body = []
    for section in issue.about["sections"]:
        some = "".join(f"<li>{escape(s['text'])}</li>" for s in said if s["section"] == section["name"])
        shown = "".join(_part(part.shown, lang) for _, part in told if part.section == section["name"])
        body.append(f"<h2>{escape(section[lang])}</h2><ul>{some}</ul>{shown}")
    at = issue.asked_at.strftime("%Y-%m-%d %H:%M")
    where = link(issue, origin)
    demo = f"<p><b>{escape(text('app.demo', lang))}</b></p>" if issue.about.get("demo") else ""
    style = (
        f"body{{font:15px/1.6 'Noto Sans SC','Microsoft YaHei',sans-serif;color:{p.text};max-width:46rem;"
        f"margin:1.5rem auto;padding:0 1rem}}table{{border-collapse:collapse;width:100%}}td,th{{text-align:left;"
        f"padding:.2rem .5rem;border-bottom:1px solid {p.hairline}}}.n{{text-align:right}}"
        f"small,.m{{color:{p.muted}}}h2{{border-bottom:1px solid {p.hairline}}}"
    )
    return (
        f'<!DOCTYPE html><html lang="{"zh-CN" if lang == "zh" else "en"}"><head><meta charset="utf-8">'
        f"<title>{escape(subject(issue, lang))}</title><style>{style}</style></head><body>"
        f"<h1>{escape(issue.title(lang))}</h1><p><b>{escape(issue.numbered(lang))}</b> "
        f'<span class="m">{escape(text("report.at", lang, at=at))}</span></p>{demo}{top}{"".join(body)}'
        f'<p><a href="{escape(where)}">{escape(text("report_mail.see", lang, link=where))}</a></p>'
        f'<p class="m">{escape(text("report_mail.numbers", lang))} SHA-256 {issue.hash}</p></body></html>'
    )


def _part(shown: Any, lang: str) -> str:
    kind, title = shown.get("kind"), f"<h3>{escape(shown.get('title', ''))}</h3>"
    if kind == "table":
        numeric = [head["number"] for head in shown["head"]]
        head = "".join(_cell("th", h["words"], number=h["number"]) for h in shown["head"])
        rows = (
            "".join(_cell("td", cell["t"], number=n) for cell, n in zip(row, numeric, strict=True))
            for row in shown["rows"]
        )
        return f"{title}<table><tr>{head}</tr>{''.join(f'<tr>{row}</tr>' for row in rows)}</table>"
    if kind == "tiles":
        rows = "".join(
            f"<tr><td>{escape(t['name'])}</td><td class='n'><b>{escape(t['value'])}</b> {escape(t['unit'])}</td>"
            f"<td>{escape(t['parts'])}</td><td>{escape(t['change'])}</td></tr>"
            for t in shown["tiles"]
        )
        return f"{title}<table>{rows}</table>"
    if kind == "blank":
        return f"{title}<p class='m'>{escape(shown['words'])}</p>"
    return f"{title}<p class='m'>{escape(text('report_mail.figure', lang))}</p>" if kind == "figure" else ""


def _cell(tag: str, words: str, *, number: bool) -> str:
    return f"<{tag}{' class=n' if number else ''}>{escape(words)}</{tag}>"


def as_json(issue: Issue, version: Text, lang: str, origin: str) -> dict[str, Any]:
    """What a program may rely on: who it is, the sentences, and what each shown panel measured."""
    measured = [
        {"panel": part.shown.get("panel", part.panel), **one}
        for _, part in reports.parts(issue.key, lang)
        for one in part.measured
    ]
    return {
        "key": issue.key,
        "kind": issue.kind,
        "year": issue.year,
        "number": issue.number,
        "title": issue.title(lang),
        "lang": lang,
        "demo": bool(issue.about.get("demo")),
        "covers": {"from": issue.covers_from.isoformat(), "to": issue.covers_to.isoformat()},
        "as_of": issue.asked_at.isoformat(),
        "made_at": issue.made_at.isoformat(),
        "late": issue.late,
        "version": version.version,
        "state": version.state,
        "person": version.person,
        "sentences": [
            {name: one[name] for name in ("id", "section", "tone", "text")} for one in version.content.get(lang, [])
        ],
        "measured": measured,
        "link": link(issue, origin),
        "hash": issue.hash,
        "text_hash": version.hash,
    }


def json_bytes(told: Any) -> bytes:
    return json.dumps(told, ensure_ascii=False, sort_keys=True).encode()


def pdf(key: str, lang: str) -> bytes:
    """The issue on A4, as the browser prints it. Raises chromium.NoBrowser, chromium.NotDrawn."""

    def work(browser: chromium.Browser) -> bytes:
        with chromium.drawn(browser, archived(key, lang), Window(*PAPER), lambda: None, SECONDS) as page:
            return page.pdf(prefer_css_page_size=True, print_background=True, format="A4")

    return chromium.use(work)
