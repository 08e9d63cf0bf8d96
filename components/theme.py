"""Colours and type, once: the CSS custom properties of the page and the Plotly layout that goes with them."""

from dataclasses import dataclass, fields
from typing import Any

FONT = "'Noto Sans SC', 'Noto Sans CJK SC', 'Source Han Sans SC', 'Microsoft YaHei', sans-serif"


@dataclass(frozen=True)
class Palette:
    """One theme. The four alarm colours are for alarms and nothing else; better and worse follow an indicator's good
    direction, never up and down."""

    background: str
    surface: str
    raised: str
    hairline: str
    text: str
    muted: str
    faint: str  # the least that is still read: 4.5:1 on surface
    accent: str
    better: str
    worse: str
    worse_ground: str
    alarm_blue: str
    alarm_yellow: str
    alarm_orange: str
    alarm_red: str
    ramp_0: str
    ramp_1: str
    ramp_2: str
    ramp_3: str
    ramp_4: str
    void: str  # a place without data
    water: str
    on_ramp_low: str
    on_ramp_high: str

    @property
    def ramp(self) -> list[str]:
        return [self.ramp_0, self.ramp_1, self.ramp_2, self.ramp_3, self.ramp_4]


PALETTES = {
    "dark": Palette(
        background="#07101c",
        surface="#0c1a2b",
        raised="#12263d",
        hairline="#1e3550",
        text="#eaf2fb",
        muted="#a9bccf",
        faint="#8499af",
        accent="#3fb6ff",
        better="#4fd6be",
        worse="#f2a24e",
        worse_ground="#4a3216",
        alarm_blue="#6a93ff",
        alarm_yellow="#ffd84a",
        alarm_orange="#ff8a1f",
        alarm_red="#ff5a5f",
        ramp_0="#10304c",
        ramp_1="#15496f",
        ramp_2="#1b6698",
        ramp_3="#2589c6",
        ramp_4="#5cb8f2",
        void="#1a2533",
        water="#2d5d8a",
        on_ramp_low="#eaf2fb",
        on_ramp_high="#04121f",
    ),
    "light": Palette(
        background="#eef2f7",
        surface="#ffffff",
        raised="#e3ebf4",
        hairline="#cfd9e5",
        text="#0f2233",
        muted="#43586d",
        faint="#53677a",
        accent="#0a66b5",
        better="#0a7566",
        worse="#b04a00",
        worse_ground="#fbe6d3",
        alarm_blue="#2f5bd8",
        alarm_yellow="#8a6a00",
        alarm_orange="#c25700",
        alarm_red="#c8262c",
        ramp_0="#d6e7f6",
        ramp_1="#b2d2ee",
        ramp_2="#84b8e2",
        ramp_3="#4f98d0",
        ramp_4="#1f74b6",
        void="#e1e5ea",
        water="#8fb9dd",
        on_ramp_low="#0f2233",
        on_ramp_high="#ffffff",
    ),
}


@dataclass(frozen=True)
class Look:
    """How one picture is to be drawn."""

    lang: str
    theme: str = "dark"
    wall: bool = False
    px: float = 14  # body text

    @property
    def small(self) -> float:
        """Captions and ticks; on a wall nothing is smaller than body text."""
        return self.px if self.wall else self.px * 0.95

    @property
    def palette(self) -> Palette:
        return PALETTES[self.theme]


def faded(colour: str, opacity: float) -> str:
    """A colour of a palette that lets through what is under it."""
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},{opacity})"


def css() -> str:
    """The palettes as custom properties, by the root element's data-theme."""
    blocks = []
    for name, palette in PALETTES.items():
        rows = "".join(f"--{f.name.replace('_', '-')}:{getattr(palette, f.name)};" for f in fields(Palette))
        blocks.append(f'[data-theme="{name}"]{{color-scheme:{name};{rows}}}')
    return "".join(blocks)


def layout(look: Look, **more: Any) -> dict[str, Any]:
    """The Plotly layout every figure starts from."""
    p = look.palette
    axis = {
        "gridcolor": p.hairline,
        "linecolor": p.hairline,
        "zeroline": False,
        "tickfont": {"color": p.muted, "size": look.small},
        "fixedrange": True,
        "automargin": False,
    }
    return {
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"family": FONT, "size": look.px, "color": p.text},
        "margin": {"l": 0, "r": 0, "t": 0, "b": 0},
        "hoverlabel": {
            "bgcolor": p.raised,
            "bordercolor": p.hairline,
            "font": {"family": FONT, "size": look.px, "color": p.text},
            "align": "left",
        },
        "showlegend": False,
        "dragmode": False,
        "uirevision": "keep",
        "xaxis": axis,
        "yaxis": axis,
        **more,
    }
