"""The look of a file: its theme, fonts, colours by role, and words in boxes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from pptx.dml.color import RGBColor
from pptx.enum.dml import MSO_LINE, MSO_THEME_COLOR
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.opc.constants import RELATIONSHIP_TYPE
from pptx.opc.oxml import serialize_part_xml
from pptx.oxml import parse_xml
from pptx.oxml.ns import qn
from pptx.oxml.xmlchemy import OxmlElement
from pptx.presentation import Presentation
from pptx.util import Inches, Pt

from briefing import measure
from components.theme import PALETTES

FONT = "Microsoft YaHei"  # 微软雅黑: on Windows, and what WPS takes; set for Latin and East Asian letters
PALETTE = PALETTES["light"]
ACCENTS = {  # the file's own theme: a colour picked there changes what uses it
    "dk1": PALETTE.text,
    "lt1": PALETTE.surface,
    "dk2": PALETTE.muted,
    "lt2": PALETTE.background,
    "accent1": PALETTE.accent,
    "accent2": PALETTE.worse,
    "accent3": PALETTE.better,
    "accent4": PALETTE.ramp_2,
    "accent5": PALETTE.faint,
    "accent6": PALETTE.ramp_4,
    "hlink": PALETTE.accent,
    "folHlink": PALETTE.muted,
}
THEMED = {
    "text": MSO_THEME_COLOR.TEXT_1,
    "muted": MSO_THEME_COLOR.TEXT_2,
    "ground": MSO_THEME_COLOR.BACKGROUND_2,
    "surface": MSO_THEME_COLOR.BACKGROUND_1,
    "line": MSO_THEME_COLOR.ACCENT_1,
    "worse": MSO_THEME_COLOR.ACCENT_2,
    "better": MSO_THEME_COLOR.ACCENT_3,
    "bar": MSO_THEME_COLOR.ACCENT_4,
    "grey": MSO_THEME_COLOR.ACCENT_5,
    "deep": MSO_THEME_COLOR.ACCENT_6,
}
FIXED = {  # alarms mean the same under every theme
    "yellow": "#d9a800",
    "orange": PALETTE.alarm_orange,
    "red": PALETTE.alarm_red,
    "blue": PALETTE.alarm_blue,
    "hairline": PALETTE.hairline,
    "raised": PALETTE.raised,
    **{f"ramp{n}": colour for n, colour in enumerate(PALETTE.ramp)},
}


class Box(NamedTuple):
    """Where something stands, in inches."""

    x: float
    y: float
    w: float
    h: float

    @property
    def emu(self) -> tuple[Inches, Inches, Inches, Inches]:
        x, y, w, h = (Inches(side) for side in self)
        return x, y, w, h


@dataclass(frozen=True)
class Run:
    """Words of one kind."""

    words: str
    size: float
    bold: bool = False
    role: str = "text"
    link: str = ""
    field: str = ""  # a field that the program fills in, e.g. slidenum


def element(tag: str, parent: Any = None, **attributes: str) -> Any:
    """An XML element ('a:latin') with attributes, at the end of its parent where one is given."""
    made = OxmlElement(tag)
    for name, value in attributes.items():
        made.set(name, value)
    if parent is not None:
        parent.append(made)
    return made


def paint(colour: Any, role: str) -> None:
    """Set a colour (of a font, fill or line) by its role."""
    if role == "pale":  # what is not judged, or not yet: a light shade of the grey
        colour.theme_color = THEMED["grey"]
        colour.brightness = 0.6
    elif role in THEMED:
        colour.theme_color = THEMED[role]
    else:
        colour.rgb = RGBColor.from_string(FIXED[role].removeprefix("#"))


def fonted(properties: Any, lang: str = "") -> None:
    """The font of both kinds of letters in a run's or a chart's properties (a:rPr, a:defRPr)."""
    for tag in ("a:latin", "a:ea", "a:cs"):
        for old in properties.findall(qn(tag)):
            properties.remove(old)
    after = [child for child in properties if child.tag in {qn("a:hlinkClick"), qn("a:extLst")}]
    at = properties.index(after[0]) if after else len(properties)
    for n, tag in enumerate(("a:latin", "a:ea", "a:cs")):
        properties.insert(at + n, element(tag, typeface=FONT))
    if lang:
        properties.set("lang", {"zh": "zh-CN", "en": "en-US"}[lang])
        properties.set("altLang", {"zh": "en-US", "en": "zh-CN"}[lang])


def write(paragraph: Any, runs: Sequence[Run], lang: str) -> None:
    """Put runs into a paragraph."""
    for one in runs:
        if one.field:
            made = element("a:fld", paragraph._p, id="{B6F15528-21DE-4FAA-801E-634DDDAF4B2B}", type=one.field)
            properties = element("a:rPr", made, sz=str(int(one.size * 100)))
            element("a:schemeClr", element("a:solidFill", properties), val="tx2")
            fonted(properties, lang)
            element("a:t", made).text = one.words
            continue
        run = paragraph.add_run()
        run.text = one.words
        run.font.size = Pt(one.size)
        run.font.bold = one.bold
        paint(run.font.color, one.role)
        if one.link:
            run.hyperlink.address = one.link
        fonted(run._r.get_or_add_rPr(), lang)


def fill_frame(
    frame: Any, paragraphs: Sequence[Sequence[Run]], lang: str, *, align: str = "left", anchor: str = "top",
    wrap: bool = True, margin: float = 0.0, spacing: float = 0.0,
) -> None:  # fmt: skip
    """Words into the text frame of a shape or cell."""
    frame.word_wrap = wrap
    frame.vertical_anchor = {"top": MSO_ANCHOR.TOP, "middle": MSO_ANCHOR.MIDDLE, "bottom": MSO_ANCHOR.BOTTOM}[anchor]
    frame.margin_left = frame.margin_right = Inches(margin)
    frame.margin_top = frame.margin_bottom = 0
    for n, runs in enumerate(paragraphs):
        paragraph = frame.paragraphs[0] if n == 0 else frame.add_paragraph()
        paragraph.alignment = {"left": PP_ALIGN.LEFT, "right": PP_ALIGN.RIGHT, "center": PP_ALIGN.CENTER}[align]
        if spacing:
            paragraph.space_after = Pt(spacing)
        write(paragraph, runs, lang)


def put(slide: Any, box: Box, paragraphs: Sequence[Sequence[Run]], lang: str, name: str, **how: Any) -> Any:
    """A box of words on a slide."""
    shape = slide.shapes.add_textbox(*box.emu)
    shape.name = name
    fill_frame(shape.text_frame, paragraphs, lang, **how)
    return shape


def unstyled(shape: Any) -> None:
    """A shape without the theme's shadow and effects."""
    for style in shape._element.findall(qn("p:style")):
        shape._element.remove(style)


def rule(slide: Any, start: tuple[float, float], end: tuple[float, float], name: str, *, role: str = "hairline",
         points: float = 0.75, dashed: bool = False) -> Any:  # fmt: skip
    """A straight line."""
    (x, y), (to_x, to_y) = start, end
    line = slide.shapes.add_connector(1, Inches(x), Inches(y), Inches(to_x), Inches(to_y))
    line.name = name
    paint(line.line.color, role)
    line.line.width = Pt(points)
    unstyled(line)
    if dashed:
        line.line.dash_style = MSO_LINE.DASH
    return line


def themed(show: Presentation) -> None:
    """Give the file the light palette and the fonts as its theme."""
    part = show.slide_master.part.part_related_by(RELATIONSHIP_TYPE.THEME)
    root = parse_xml(part.blob)
    root.set("name", "Citydeck")
    scheme = root.find(f".//{qn('a:clrScheme')}")
    fonts = root.find(f".//{qn('a:fontScheme')}")
    assert scheme is not None
    assert fonts is not None
    scheme.set("name", "Citydeck")
    fonts.set("name", "Citydeck")
    for child in scheme:
        wanted = ACCENTS[child.tag.rpartition("}")[2]]
        for old in list(child):
            child.remove(old)
        element("a:srgbClr", child, val=wanted.removeprefix("#").upper())
    for kind in fonts:
        for font in kind:
            if font.tag in {qn("a:latin"), qn("a:ea")} or font.get("script") in {"Hans", "Hant"}:
                font.set("typeface", FONT)
    part._blob = serialize_part_xml(root)


@dataclass(frozen=True)
class Pen:
    """Draws one block on one slide, in a language. name: of its shapes, what they are part of first."""

    slide: Any
    lang: str
    name: str

    def put(self, box: Box, paragraphs: Sequence[Sequence[Run]], part: str, **how: Any) -> None:
        """A box of words that is part of the block."""
        put(self.slide, box, paragraphs, self.lang, f"{self.name} {part}", **how)

    def heading(self, words: str, box: Box, tall: float) -> None:
        """Small words over a block, at the top of its box."""
        run = Run(measure.cut(words, box.w, 11), 11, role="muted")
        self.put(Box(box.x, box.y, box.w, tall), [[run]], "heading")

    def rule(self, start: tuple[float, float], end: tuple[float, float], part: str, role: str) -> None:
        """A straight line over the block."""
        rule(self.slide, start, end, f"{self.name} {part}", role=role, points=1.25)
