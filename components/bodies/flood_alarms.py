"""Alarms: the list, and one of them with its course, what people may do with it, and whom it set to work."""

from datetime import datetime, timedelta
from typing import Any

from components import markup as html
from components.attributes import attributes
from components.bodies.bursts import link
from components.bodies.flood_signs import COLOURS, sign
from components.panel import Answer
from components.rows import count, given
from components.rows import rows as rows_of
from components.theme import Look
from components.words import DASH, age, number, text

ACTS = ("acknowledged", "assigned", "noted", "shelved", "closed", "false_alarm")
STEPS = {"new": 0, "shelved": 0, "acknowledged": 1, "assigned": 2, "clearing": 3}


def flood_alarms(answer: Answer, look: Look) -> html.Element:
    """answer.frame: see pages.flood.alarms. facts: tab ('' live | past | tasks), chosen, below."""
    told = list(rows_of(answer.frame))
    make = _task if answer.facts["tab"] == "tasks" else _alarm
    rows = [make(row, answer, look) for row in told]
    below = html.P(answer.facts["below"], className="count") if answer.facts["below"] else None
    return html.Div([html.Ol(rows, className="rows alarms fits", tabIndex="0"), below], className="alarmed")


def _alarm(row: Any, answer: Answer, look: Look) -> html.Element:
    lang = look.lang
    level = count(row.level) or count(row.highest)
    more = [part for part in (row.place, row.rule) if part]
    cells = [
        sign(level, lang),
        html.Span(
            [html.Span([html.B(row.name), html.Span(row.words)], className="what", title=f"{row.name} {row.words}"),
             html.Small(" · ".join(more))],
            className="name",
        ),
        html.Span(
            [html.Span(row.said, className="said" + (" new" if row.state == "new" else "")),
             html.Small([age(timedelta(minutes=int(row.minutes)), lang, plain=True), _dots(row.state)])],
            className="n",
        ),
    ]  # fmt: skip
    chosen = row.alarm == answer.facts["chosen"]
    label = f"{text(f'flag.{COLOURS[level]}', lang)} {row.name} {row.words}"
    return html.Li(
        link(cells, {"alarm": "" if chosen else row.alarm}, label),
        className=" ".join(filter(None, ("chosen" if chosen else "", "over" if row.level == 0 else ""))),
    )


def _dots(state: str) -> html.Element | None:
    """How far people are: acknowledged, assigned, on its way out."""
    if state not in STEPS:
        return None
    n = STEPS[state]
    dots = [html.Span(className="on" if i < n else "") for i in range(3)]
    return html.Span(dots, className="dots", **attributes({"aria-hidden": "true"}))


def _clock(moment: Any, lang: str) -> str:
    return moment.strftime("%H:%M") if isinstance(moment, datetime) and moment == moment else DASH  # noqa: PLR0124


def _task(row: Any, answer: Answer, look: Look) -> html.Element:
    lang = look.lang
    cells = [
        html.Span(_clock(row.due_at, lang), className="due"),
        html.Span(
            [html.Span([html.B(row.unit), html.Span(row.name)], className="what", title=f"{row.unit} {row.name}"),
             html.Small(row.words, title=row.words)],
            className="name",
        ),
        html.Span(
            [html.Span(text(f"task_state.{row.state}", lang), className="said" if row.person else "said new"),
             html.Small(text("alarms.arrives", lang, time=_clock(row.arrives_at, lang)))],
            className="n",
        ),
    ]  # fmt: skip
    return html.Li(link(cells, {"alarm": row.alarm}, f"{row.unit} {row.words}"), className="task")


def flood_alarm(answer: Answer, look: Look) -> html.Element:
    """answer.frame: the course, see pages.flood.alarms.alarm. facts: alarm, name, words, place, said, limit, lasts,
    consequence, delays, station (its code), replay (an address), children, tasks, acts (people may act here), now (it
    is not a replay), close."""
    facts, lang = answer.facts, look.lang
    one = facts["alarm"]
    head = html.Div(
        [
            sign(one.level if one.open else one.highest, lang),
            html.Div([html.H3(f"{facts['name']} {facts['words']}"), html.Small(_under(facts))]),
            link("×", {"alarm": ""}, text("alarm.shut", lang)) if facts["acts"] else None,
        ],
        className="alarm-head",
    )
    parts = [head, _facts(one, facts, lang), _samples(one, lang)]
    if facts["acts"]:
        parts.append(
            _form(one, lang) if facts["now"] and one.open else html.P(_why(one, facts, lang), className="count")
        )
    parts += [_children(facts, lang), _tasks(facts, lang), _course(answer, lang), _links(facts, lang)]
    return html.Div(parts, className="alarm-open")


def _under(facts: dict[str, Any]) -> str:
    return " · ".join(part for part in (facts["place"], facts["said"], facts["lasts"]) if part)


def _why(one: Any, facts: dict[str, Any], lang: str) -> str:
    return text("alarm.over" if facts["now"] and not one.open else "alarm.past", lang)


def _facts(one: Any, facts: dict[str, Any], lang: str) -> html.Element:
    depth = one.kind == "waterlogging"
    units = {"depth": "cm", "rain": "mm", "flow": "m³/s", "rise": "cm/h" if depth else "m/h"}
    unit = units.get(one.rule, "cm" if depth else "m")
    digits = 0 if unit in ("cm", "cm/h") else 1 if unit == "mm" else 2
    rows = []
    if one.threshold is not None and one.rule != "silent":
        rows.append((text("alarm.threshold", lang), f"{facts['limit']} {one.threshold:.{digits}f} {unit}".strip()))
        if given(one.value):
            rows.append((text("alarm.value", lang), f"{one.value:.{digits}f} {unit}"))
    rows.append((text("alarm.raised", lang), f"{one.raised_at:%m-%d %H:%M}"))
    if one.datum:
        rows.append((text("alarm.datum", lang), one.datum))
    if one.acknowledged_by:
        rows.append((text("alarm.acknowledged", lang), f"{one.acknowledged_by} {one.acknowledged_at:%H:%M}"))
    if one.assigned:
        rows.append((text("alarm.assigned", lang), one.assigned))
    if one.shelved_until and one.state == "shelved":
        rows.append((text("alarm.shelved", lang), one.shelved_until.replace("T", " ")))
    rows.append((text("alarm.rules", lang), " · ".join([one.rules or facts["version"], *facts["delays"]])))
    if facts["consequence"]:
        rows.append((text("alarm.means", lang), facts["consequence"]))
    return html.Div([html.Div([html.Small(name), html.Span(value)]) for name, value in rows], className="alarm-facts")


def _samples(one: Any, lang: str) -> html.Element | None:
    """What decided it last: a short table of readings."""
    decided = next((event for event in reversed(one.events) if event.samples), None)
    if decided is None:
        return None
    cells = [html.Span([html.Small(at[11:16]), f"{value:g}"]) for at, value in decided.samples[-8:]]
    return html.Div([html.Small(text("alarm.samples", lang)), *cells], className="alarm-samples")


def _form(one: Any, lang: str) -> html.Element:
    acts = [act for act in ACTS if not (act == "acknowledged" and one.acknowledged_by)]
    buttons = [
        html.Button(text(f"alarm_act.{act}", lang), className="act" + ("" if n == 0 else " plain"),
                    **attributes({"data-act": act}))
        for n, act in enumerate(acts)
    ]  # fmt: skip
    inputs = [
        html.Label([html.Span(label), html.Span(className="alarm-input", **attributes({"data-name": name}))])
        for name, label in (("person", text("alarm.person", lang)), ("text", text("alarm.words", lang)))
    ]
    return html.Div(
        [*inputs, html.Div(buttons, className="acts"), html.P("", className="answer", role="status"),
         html.Small(text("alarm.no_accounts", lang))],
        className="alarm-form",
        **attributes({"data-alarm": one.alarm}),
    )  # fmt: skip


def _children(facts: dict[str, Any], lang: str) -> html.Element | None:
    if not facts["children"]:
        return None
    rows = [
        html.Li(link([sign(level, lang), html.Span(f"{name} {words}")], {"alarm": alarm}, f"{name} {words}"))
        for alarm, level, name, words in facts["children"]
    ]
    return html.Div([html.H3(text("alarm.children", lang, n=len(rows))), html.Ul(rows, className="rows children")])


def _tasks(facts: dict[str, Any], lang: str) -> html.Element | None:
    if not facts["tasks"]:
        return None
    rows = []
    for task in facts["tasks"]:
        due = text("alarm.due", lang, due=_clock(task["due_at"], lang), arrives=_clock(task["arrives_at"], lang))
        steps = [
            html.Button(text(f"task_act.{what}", lang), className="act plain",
                        **attributes({"data-task": task["task"], "data-act": what}))
            for what in ("accepted", "done")
            if facts["now"] and task["state"] != what
        ]  # fmt: skip
        said = text(f"task_state.{task['state']}", lang) + (f" {task['person']}" if task["person"] else "")
        rows.append(html.Li([html.B(task["unit"]), html.Span(f"{task['name']} · {due}"), html.Small(said), *steps]))
    return html.Div([html.H3(text("alarm.tasks", lang, n=len(rows))), html.Ul(rows, className="alarm-tasks")])


def _course(answer: Answer, lang: str) -> html.Element:
    rows = []
    for row in rows_of(answer.frame):
        said = text(f"alarm_event.{row.event}", lang)
        value = f" {number(row.value, lang, 2)}" if given(row.value) and not row.person else ""
        who = f" · {row.person}" if row.person else ""
        wrote = text("alarm.crossed", lang) if row.text == "crossed" else row.text
        rows.append(
            html.Li(
                [
                    html.Small(f"{row.moment:%m-%d %H:%M}"),
                    sign(count(row.level), lang) if row.event in ("raised", "escalated", "lowered") else html.Span(),
                    html.Span(f"{said}{value}{who}" + (f":{wrote}" if wrote else "")),
                ]
            )
        )
    return html.Div([html.H3(text("alarm.course", lang)), html.Ol(rows, className="alarm-course")])


def _links(facts: dict[str, Any], lang: str) -> html.Element:
    found = []
    if facts["station"]:
        found.append(link(text("alarm.station", lang), {"station": facts["station"], "alarm": ""}))
    found.append(html.A(text("alarm.replay", lang), href=facts["replay"] or "?", **attributes({"data-go": ""})))
    if facts["parent"]:
        found.append(link(text("alarm.parent", lang), {"alarm": facts["parent"]}))
    return html.Div(found, className="alarm-links")
