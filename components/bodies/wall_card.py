"""The test card of a wall: circles, the smallest text, steps of grey, alarm colours, seams, frame and corners."""

from components.attributes import attributes
from components.markup import Circle, Div, Element, Line, P, Path, Span, Strong, Svg
from components.panel import Answer
from components.theme import Look
from components.words import text

STEPS = 11  # greys from black to white
NEAR = (1, 2, 3, 4, 6, 8)  # of a hundred: the first steps above black, and below white


def _circle(place: str) -> Element:
    drawn = [
        Circle(cx=50, cy=50, r=49, className="round"),
        Line(x1=50, y1=1, x2=50, y2=99),
        Line(x1=1, y1=50, x2=99, y2=50),
    ]
    return Svg(drawn, viewBox="0 0 100 100", className=f"circle {place}")


def _corner(place: str) -> Element:
    return Svg([Path(d="M0 1H60M1 0V60")], viewBox="0 0 60 60", className=f"corner {place}")


def _greys(shares: list[float], name: str, words: str) -> Element:
    cells = [
        Span(
            f"{share:g}",
            style={"background": f"rgb({share}%,{share}%,{share}%)", "color": "#fff" if share < 55 else "#000"},
        )
        for share in shares
    ]
    return Div([Strong(words), Div(cells, className=f"greys {name}")], className="grey-row")


def _seam(kind: str, at: float, behind: float) -> Element:
    side, size = ("left", "width") if kind == "across" else ("top", "height")
    style = {side: f"{(at - behind / 2) * 100:.5f}%", size: f"max(2px, {behind * 100:.5f}%)"}
    return Span(className=f"seam-line {kind}", style=style)


def _inside(across: list[tuple[float, float]], down: list[tuple[float, float]]) -> dict[str, str]:
    """The middle of the display that is nearest the wall's middle, and its size: no words across a seam."""
    columns, rows = len(across) + 1, len(down) + 1
    return {
        "left": f"{((columns - 1) // 2 + 0.5) / columns * 100:.3f}%",
        "top": f"{((rows - 1) // 2 + 0.5) / rows * 100:.3f}%",
        "--card-wide": f"{88 / columns:.2f}cqw",
        "--card-high": f"{100 / rows:.2f}cqh",
    }


def wall_card(answer: Answer, look: Look) -> Element:
    """facts: width, height (the signal), body (px), distance (m), across and down: seams, [(middle, behind)], as
    shares."""
    facts, lang = answer.facts, look.lang
    body, less = facts["body"], round(facts["body"] * 0.8)
    seams = [_seam(kind, *one) for kind in ("across", "down") for one in facts[kind]]
    alarms = [
        Span(text(f"testcard.{name}", lang), className=f"swatch {name}")
        for name in ("blue", "yellow", "orange", "red", "better", "worse")
    ]
    middle = Div(
        [
            P(text("testcard.says", lang, distance=f"{facts['distance']:g}", px=body), className="card-says"),
            P(text("testcard.reads", lang), className="card-reads"),
            P(text("testcard.below", lang, px=less), className="card-less", style={"fontSize": f"{less}px"}),
            Div([Strong(text("testcard.alarms", lang)), *alarms], className="swatches"),
            _greys([round(100 * i / (STEPS - 1)) for i in range(STEPS)], "all", text("testcard.steps", lang)),
            _greys([0, *NEAR], "dark", text("testcard.dark", lang)),
            _greys([*(100 - one for one in reversed(NEAR)), 100], "bright", text("testcard.bright", lang)),
            P(text("testcard.circle", lang)),
            P(text("testcard.seams", lang)),
            P(text("testcard.frame", lang)),
            P(text("testcard.moving", lang)),
            P(
                className="card-measured",
                **attributes(
                    {
                        "data-want": f"{facts['width']}×{facts['height']}",
                        "data-measured": text(
                            "testcard.measured", lang, width="{width}", height="{height}", ratio="{ratio}"
                        ),
                        "data-matches": text("testcard.matches", lang),
                        "data-differs": text("testcard.differs", lang, want="{want}"),
                    }
                ),
            ),
        ],
        className="card-middle",
        style=_inside(facts["across"], facts["down"]),
    )
    circles = [_circle(place) for place in ("left top", "right top", "left bottom", "right bottom", "large")]
    corners = [_corner(place) for place in ("left top", "right top", "left bottom", "right bottom")]
    moving = Span(className="moving")
    return Div([*circles, middle, *seams, moving, Span(className="card-frame"), *corners], className="wall-card")
