"""Type that can be read from where people stand.

A character seen under the angle a from the distance D is h = 2 D tan(a / 2) high: 5.82 mm a metre at 20 arc minutes (at
least 16, 20 to 22 preferred: ISO 9241-3, NUREG-0700). In pixels of pitch p that is ceil(h / p), and never below 24
pixels for Chinese, whose strokes break. Viewing distance of LED walls: k times the pitch (GB 50464).
"""

import math
import re
from dataclasses import dataclass

ARC_MINUTES = 20.0
FLOOR_PX = 24
NEAREST_K, IDEAL_K, FARTHEST_K = 1380, 2760, 5520  # GB 50464: distance / pitch

LEAST_LETTERS, LEAST_LINES = 24, 14  # of body text: below, a page says nothing

BODY, PANEL_TITLE, HEADLINE, KPI = 1.0, 1.3, 1.6, 2.5  # type scale, times the body size


def character_height_mm(distance_m: float, arc_minutes: float = ARC_MINUTES) -> float:
    """The height in mm of a character that is seen under `arc_minutes` from `distance_m` metres."""
    _positive(distance_m=distance_m, arc_minutes=arc_minutes)
    return 2 * distance_m * 1000 * math.tan(math.radians(arc_minutes / 60) / 2)


def pitch_mm(width_mm: float, pixels: int) -> float:
    """The pixel pitch in mm of a panel `width_mm` wide with so many pixels across."""
    _positive(width_mm=width_mm, pixels=pixels)
    return width_mm / pixels


def body_px(distance_m: float, pitch: float, *, arc_minutes: float = ARC_MINUTES, floor: int = FLOOR_PX) -> int:
    """The smallest type size in pixels for the farthest viewer at `distance_m`, on pixels of `pitch` mm."""
    _positive(pitch=pitch)
    return max(floor, math.ceil(character_height_mm(distance_m, arc_minutes) / pitch - 1e-9))


def readable_to_m(px: float, pitch: float, arc_minutes: float = ARC_MINUTES) -> float:
    """How far away in metres type of `px` pixels of `pitch` mm can be read."""
    _positive(px=px, pitch=pitch)
    return px * pitch / character_height_mm(1.0, arc_minutes)


def viewing_range_m(pitch: float) -> tuple[float, float, float]:
    """The nearest, ideal and farthest viewing distance in metres of an LED wall with `pitch` in mm."""
    _positive(pitch=pitch)
    return NEAREST_K * pitch / 1000, IDEAL_K * pitch / 1000, FARTHEST_K * pitch / 1000


def _positive(**numbers: float) -> None:
    for name, number in numbers.items():
        if not number > 0 or not math.isfinite(number):
            raise ValueError(f"{name} must be a positive number, not {number}")


# ---- the profile of one wall ---------------------------------------------------------------------


class SpecError(ValueError):
    """A profile that makes no sense. The message says what to write; `key` and `values` say it in other languages."""

    def __init__(self, key: str, **values: object):
        super().__init__(SAID[key].format(**values))
        self.key, self.values = key, values


SAID = {
    "signal": "write the signal first, in pixels: 3840x1080 (each side {least} to {most})",
    "part": "'{part}' is none of: p1.8 (pitch, mm), mm3640x1210 (size), 3x1 (displays), b3.5 (bezel, mm), "
    "b3.5h (with pixels behind it), d8 (distance, m), s20 (safe margin, pixels)",
    "twice": "'{part}' says for the second time what '{before}' says",
    "distance": "write the distance to the farthest viewer in metres: d8 (more than 0, at most {most})",
    "picture": "write the pitch (p1.8) or the size (mm6912x1944) of the wall, in millimetres",
    "both": "write the pitch or the size, not both",
    "number": "'{part}' must be more than 0 and at most {most}",
    "displays": "write displays as columns and rows: 3x1 (each 1 to {most})",
    "bezel": "a bezel of {bezel} mm leaves no room for {count} displays on {size} mm",
    "lonely": "a bezel lies between displays: write how many there are, as 3x1, or leave the bezel out",
    "margin": "a safe margin of {margin} pixels leaves too little of {side}",
}
LEAST_PX, MOST_PX, MOST_MM, MOST_PITCH, MOST_M, MOST_DISPLAYS = 240, 32768, 200_000, 50, 200, 64
ROUND = 0.01  # pixels that are square within this need no compensation: a circle is a circle


@dataclass(frozen=True)
class Seam:
    """Where two displays meet: its middle from the left or the top, and how many pixels lie behind it, in pixels of the
    signal."""

    at: float
    behind: float


@dataclass(frozen=True)
class Profile:
    """One wall: its signal, its picture, its displays and who looks at it from how far.

    width, height: pixels of the signal. pitch: mm between two pixels, across and down; or size: mm of the whole
    picture, bezels between displays included. columns, rows: of displays; bezel: mm between the pictures of two
    neighbours, 0 on LED; hidden: whether the signal goes on behind the bezels. distance: m to the farthest viewer.
    margin: pixels of the signal at each edge that a frame may cover. Raises SpecError."""

    width: int
    height: int
    pitch: tuple[float, float] | None = None
    size: tuple[float, float] | None = None
    columns: int = 1
    rows: int = 1
    bezel: float = 0.0
    hidden: bool = False
    distance: float = 8.0
    margin: int = 0

    def __post_init__(self) -> None:
        if not all(LEAST_PX <= side <= MOST_PX for side in (self.width, self.height)):
            raise SpecError("signal", least=LEAST_PX, most=MOST_PX)
        if not 0 < self.distance <= MOST_M:
            raise SpecError("distance", most=MOST_M)
        if not all(1 <= count <= MOST_DISPLAYS for count in (self.columns, self.rows)):
            raise SpecError("displays", most=MOST_DISPLAYS)
        if self.pitch is None and self.size is None:
            raise SpecError("picture")
        if self.pitch is not None and self.size is not None:
            raise SpecError("both")
        if self.pitch is not None and not all(0 < one <= MOST_PITCH for one in self.pitch):
            raise SpecError("number", part=_said_pair("p", self.pitch), most=MOST_PITCH)
        if self.size is not None and not all(0 < one <= MOST_MM for one in self.size):
            raise SpecError("number", part=_said_pair("mm", self.size), most=MOST_MM)
        if not 0 <= self.margin * 4 <= min(self.width, self.height):
            raise SpecError("margin", margin=self.margin, side=min(self.width, self.height))
        self._check_bezels()

    def _check_bezels(self) -> None:
        if not 0 <= self.bezel <= MOST_MM:
            raise SpecError("number", part=f"b{_said(self.bezel)}", most=MOST_MM)
        if (self.bezel or self.hidden) and not (self.bezel and self.columns * self.rows > 1):
            raise SpecError("lonely")
        for side, count in zip(self.size_mm, self._counts, strict=True):
            if side <= (count - 1) * self.bezel:
                raise SpecError("bezel", bezel=_said(self.bezel), count=count, size=_said(side))

    @property
    def _counts(self) -> tuple[int, int]:
        return self.columns, self.rows

    @property
    def _signal(self) -> tuple[int, int]:
        return self.width, self.height

    @property
    def pixel_mm(self) -> tuple[float, float]:
        """A pixel's width and height as it stands on the wall, mm."""
        if self.pitch is not None:
            return self.pitch
        assert self.size is not None
        between = 0.0 if self.hidden else self.bezel
        across, down = (
            (mm - (count - 1) * between) / px
            for mm, count, px in zip(self.size, self._counts, self._signal, strict=True)
        )
        return across, down

    @property
    def size_mm(self) -> tuple[float, float]:
        """Width and height of the picture, bezels between displays included, mm."""
        if self.size is not None:
            return self.size
        between = 0.0 if self.hidden else self.bezel
        across, down = (
            px * mm + (count - 1) * between
            for px, mm, count in zip(self._signal, self.pixel_mm, self._counts, strict=True)
        )
        return across, down

    @property
    def anamorphic(self) -> float:
        """How much wider than high a pixel is; 1 is square. A circle of the signal is that much too wide."""
        return self.pixel_mm[0] / self.pixel_mm[1]

    @property
    def scale(self) -> tuple[float, float]:
        """Signal pixels a pixel of the page, across and down: the page is laid out in square pixels, as large as the
        larger side of a signal's, and drawn wider or higher by this. (1, 1) where pixels are square within ROUND."""
        factor = self.anamorphic
        if abs(factor - 1) <= ROUND:
            return 1.0, 1.0
        return (1.0, factor) if factor > 1 else (1 / factor, 1.0)

    @property
    def page(self) -> tuple[float, float]:
        """Width and height of the page in its own square pixels."""
        return self.width / self.scale[0], self.height / self.scale[1]

    @property
    def page_mm(self) -> float:
        """A pixel of the page, mm."""
        return max(self.pixel_mm) if self.scale != (1.0, 1.0) else min(self.pixel_mm)

    @property
    def body(self) -> int:
        """Body text in pixels of the page, so that the farthest viewer reads it."""
        return body_px(self.distance, self.page_mm)

    @property
    def types(self) -> dict[str, float]:
        """The type scale in pixels of the page: body, panel title, headline, figure."""
        steps = {"body": BODY, "title": PANEL_TITLE, "headline": HEADLINE, "figure": KPI}
        return {name: round(self.body * step, 1) for name, step in steps.items()}

    @property
    def readable_m(self) -> float:
        """How far away body text can be read, m."""
        return readable_to_m(self.body, self.page_mm)

    @property
    def viewing_m(self) -> tuple[float, float, float]:
        """Nearest, ideal and farthest viewing distance, m."""
        return viewing_range_m(self.page_mm)

    @property
    def room(self) -> tuple[float, float]:
        """How many letters of body text fit across, and lines down, at one line a letter's height."""
        (wide, high), (x, y) = self.page, self.scale
        return (wide - 2 * self.margin / x) / self.body, (high - 2 * self.margin / y) / self.body

    @property
    def fits(self) -> bool:
        """Whether text for the farthest viewer leaves a page: enough lines and letters to say something."""
        return self.room[0] >= LEAST_LETTERS and self.room[1] >= LEAST_LINES

    def _behind(self, axis: int) -> float:
        """Pixels of the signal behind one bezel, across (0) or down (1)."""
        if not self.hidden or self._counts[axis] == 1:
            return 0.0
        return self.bezel / self.pixel_mm[axis]

    def _seams(self, axis: int) -> list[Seam]:
        count, behind = self._counts[axis], self._behind(axis)
        shown = (self._signal[axis] - (count - 1) * behind) / count
        return [Seam(i * shown + (i - 0.5) * behind, behind) for i in range(1, count)]

    @property
    def seams_across(self) -> list[Seam]:
        """Where columns of displays meet, from the left."""
        return self._seams(0)

    @property
    def seams_down(self) -> list[Seam]:
        """Where rows of displays meet, from the top."""
        return self._seams(1)

    def __str__(self) -> str:
        """The profile as it is written; parse_profile() reads it back."""
        parts = [f"{self.width}x{self.height}"]
        if self.pitch is not None:
            parts.append(_said_pair("p", self.pitch))
        if self.size is not None:
            parts.append(_said_pair("mm", self.size, short=False))
        if self.columns * self.rows > 1:
            parts.append(f"{self.columns}x{self.rows}")
        if self.bezel:
            parts.append(f"b{_said(self.bezel)}{'h' if self.hidden else ''}")
        parts.append(f"d{_said(self.distance)}")
        if self.margin:
            parts.append(f"s{self.margin}")
        return ",".join(parts)


def _said(number: float) -> str:
    return repr(float(number)).removesuffix(".0")


def _said_pair(letter: str, pair: tuple[float, float], *, short: bool = True) -> str:
    if short and pair[0] == pair[1]:
        return f"{letter}{_said(pair[0])}"
    return f"{letter}{_said(pair[0])}x{_said(pair[1])}"


_NUMBER = r"(\d+(?:\.\d+)?(?:e-?\d+)?)"
_PARTS = {
    "size": re.compile(rf"mm{_NUMBER}x{_NUMBER}"),
    "pitch": re.compile(rf"p{_NUMBER}(?:x{_NUMBER})?"),
    "displays": re.compile(r"(\d{1,3})x(\d{1,3})"),
    "bezel": re.compile(rf"b{_NUMBER}(h?)"),
    "distance": re.compile(rf"d{_NUMBER}"),
    "margin": re.compile(r"s(\d{1,5})"),
}


def parse_profile(spec: str) -> Profile:
    """Read a profile: the signal, then its other parts in any order (3840x1080,p1.8,d8). Raises SpecError."""
    first, *rest = [part.strip() for part in spec.strip().lower().replace("×", "x").split(",")]
    signal = re.fullmatch(r"(\d{1,6})x(\d{1,6})", first)
    if signal is None:
        raise SpecError("signal", least=LEAST_PX, most=MOST_PX)
    found: dict[str, tuple[str, tuple[str, ...]]] = {}
    for part in rest:
        name, match = next(((n, m) for n, p in _PARTS.items() if (m := p.fullmatch(part))), ("", None))
        if match is None:
            raise SpecError("part", part=part)
        if name in found:
            raise SpecError("twice", part=part, before=found[name][0])
        found[name] = (part, match.groups())
    if "distance" not in found:
        raise SpecError("distance", most=MOST_M)

    def numbers(name: str) -> tuple[float, ...]:
        return tuple(float(one) for one in found[name][1] if one and one != "h") if name in found else ()

    across, down = numbers("displays") or (1, 1)
    pitch = numbers("pitch")
    return Profile(
        width=int(signal[1]),
        height=int(signal[2]),
        pitch=(pitch[0], pitch[-1]) if pitch else None,
        size=(numbers("size")[0], numbers("size")[1]) if "size" in found else None,
        columns=int(across),
        rows=int(down),
        bezel=(numbers("bezel") or (0.0,))[0],
        hidden="bezel" in found and found["bezel"][1][1] == "h",
        distance=numbers("distance")[0],
        margin=int((numbers("margin") or (0,))[0]),
    )
