"""Contrast of what is read, computed by WCAG 2: 7:1 for text, 4.5:1 for the faintest, alarms apart from data."""

import pytest

from components.theme import PALETTES, Look, css, layout


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", PALETTES)
@pytest.mark.parametrize("ground", ["background", "surface", "raised"])
@pytest.mark.parametrize(
    ("ink", "least"),
    [("text", 7), ("muted", 4.5), ("faint", 4.5), ("better", 4.5), ("worse", 4.5), ("accent", 4.5)],
)
def test_what_is_read_can_be_read(theme, ground, ink, least):
    palette = PALETTES[theme]
    assert contrast(getattr(palette, ink), getattr(palette, ground)) >= least


@pytest.mark.parametrize("theme", PALETTES)
def test_alarms_have_colours_of_their_own(theme):
    palette = PALETTES[theme]
    alarms = {palette.alarm_blue, palette.alarm_yellow, palette.alarm_orange, palette.alarm_red}
    assert len(alarms) == 4
    assert not alarms & {palette.accent, palette.better, palette.worse, *palette.ramp}


def test_the_page_gets_every_colour_of_both_themes():
    said = css()
    for name, palette in PALETTES.items():
        assert f'[data-theme="{name}"]' in said
        assert f"--worse-ground:{palette.worse_ground};" in said


def test_nothing_on_a_wall_is_smaller_than_body_text():
    wall = layout(Look("zh", wall=True, px=38))
    assert wall["font"]["size"] == wall["xaxis"]["tickfont"]["size"] == 38
    assert layout(Look("zh"))["xaxis"]["tickfont"]["size"] >= 13
