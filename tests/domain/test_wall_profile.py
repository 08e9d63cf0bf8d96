"""The profile of a wall: what is written is read, what does not make sense is told, and what follows from it."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.wall import Profile, SpecError, parse_profile

numbers = st.floats(0.05, 40, allow_nan=False).map(lambda x: round(x, 4))
lengths = st.floats(2000, 90_000).map(lambda x: round(x, 2))
pictures = st.one_of(
    st.builds(lambda a, b: {"pitch": (a, b)}, numbers, numbers),
    st.builds(lambda a, b: {"size": (a, b)}, lengths, lengths),
)
displays = st.one_of(
    st.just({}),
    st.fixed_dictionaries(
        {
            "columns": st.integers(2, 6),
            "rows": st.integers(1, 4),
            "bezel": st.floats(0.1, 20).map(lambda x: round(x, 3)),
        }
    ),
)


@st.composite
def profiles(draw):
    return Profile(
        width=draw(st.integers(240, 16000)),
        height=draw(st.integers(240, 16000)),
        distance=draw(st.floats(0.5, 100)),
        margin=draw(st.integers(0, 60)),
        **draw(pictures),
        **draw(displays),
    )


@given(profiles())
def test_a_profile_that_is_written_is_read_as_it_was(profile):
    assert parse_profile(str(profile)) == profile
    assert " " not in str(profile)
    assert not set(str(profile)) & set("&?#/+%")


@given(profiles())
def test_a_circle_of_the_page_is_round_on_the_wall(profile):
    across, down = (
        mm * scale for mm, scale in zip(profile.pixel_mm, profile.scale, strict=True)
    )  # of a pixel of the page as it stands on the wall
    assert across == pytest.approx(down, rel=0.01 + 1e-9)
    assert profile.readable_m >= profile.distance * (1 - 1e-9) or profile.body == 24
    assert all(one >= 1 for one in profile.scale)


@given(profiles())
def test_displays_between_seams_are_equally_wide(profile):
    edges = [0.0]
    for seam in profile.seams_across:
        edges += [seam.at - seam.behind / 2, seam.at + seam.behind / 2]
    edges.append(profile.width)
    wide = [b - a for a, b in zip(edges[::2], edges[1::2], strict=True)]
    assert len(wide) == profile.columns
    assert max(wide) - min(wide) < 1e-6 * profile.width


@pytest.mark.parametrize(
    ("spec", "written"),
    [
        ("3840x1080,p1.8,d8", "3840x1080,p1.8,d8"),
        (" 3840×1080, D8, P1.80 ", "3840x1080,p1.8,d8"),
        ("5760x1080,d6,b3.5,3x1,mm3640x1210", "5760x1080,mm3640x1210,3x1,b3.5,d6"),
        ("1920x1080,p1.25x2.5,d8.5,s20", "1920x1080,p1.25x2.5,d8.5,s20"),
        ("5760x1080,p0.63,3x1,b3.5h,d6", "5760x1080,p0.63,3x1,b3.5h,d6"),
        ("1920x1080,p1.8x1.8,1x1,d8,s0", "1920x1080,p1.8,d8"),
    ],
)
def test_specs(spec, written):
    assert str(parse_profile(spec)) == written


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ("", "write the signal first"),
        ("main hall", "write the signal first"),
        ("3840", "3840x1080"),
        ("100x100,p1.8,d8", "240 to 32768"),
        ("3840x1080,p1.8", "d8"),
        ("3840x1080,p1.8,d0", "d8"),
        ("3840x1080,d8", "p1.8"),
        ("3840x1080,p1.8,mm6912x1944,d8", "not both"),
        ("3840x1080,p1.8,p2.5,d8", "second time"),
        ("3840x1080,p0,d8", "more than 0"),
        ("3840x1080,pitch1.8,d8", "'pitch1.8' is none of"),
        ("3840x1080,p-1,d8", "'p-1' is none of"),
        ("3840x1080,p1.8,d8,", "'' is none of"),
        ("3840x1080,p1.8,b3.5,d8", "3x1"),
        ("3840x1080,p1.8,0x1,d8", "columns and rows"),
        ("5760x1080,mm3640x1210,3x1,b1820,d6", "no room"),
        ("5760x1080,p0.63,3x1,b2000h,d6", "no room"),
        ("1920x1080,p1.8,d8,s300", "safe margin"),
        ("1920x1080,p1e999,d8", "at most 50"),
    ],
)
def test_what_makes_no_sense_is_told_with_what_to_write(spec, words):
    with pytest.raises(SpecError, match=words.replace("(", "\\(")) as told:
        parse_profile(spec)
    assert told.value.key


@given(st.text(max_size=40))
def test_any_text_is_read_or_told(text):
    try:
        parse_profile(text)
    except SpecError as told:
        assert str(told)


@pytest.mark.parametrize(
    ("distance", "p125", "p180", "tile"),
    [(3, 24, 24, 28), (5, 24, 24, 47), (8, 38, 26, 74), (12, 56, 39, 111), (15, 70, 49, 139)],
)
def test_the_handbooks_table(distance, p125, p180, tile):
    led = [parse_profile(f"3840x1080,p{pitch},d{distance}").body for pitch in (1.25, 1.8)]
    assert [*led, parse_profile(f"1920x1080,mm1209.6x680.4,d{distance}").body] == [p125, p180, tile]


def test_the_type_scale():
    assert parse_profile("3840x1080,p1.8,d12").types == {"body": 39, "title": 50.7, "headline": 62.4, "figure": 97.5}


def test_a_signal_that_is_stretched_twofold_is_laid_out_in_square_pixels():
    """1920x1080 on a wall of 3840x1080 pixels of 1.8 mm: each signal pixel is 3.6 mm wide and 1.8 mm high."""
    wall = parse_profile("1920x1080,mm6912x1944,d8")
    assert wall.anamorphic == pytest.approx(2)
    assert wall.scale == pytest.approx((1, 2))
    assert wall.page == pytest.approx((1920, 540))
    assert wall.page_mm == pytest.approx(3.6)
    tall = parse_profile("1920x1080,mm1728x1944,d8")
    assert tall.scale == pytest.approx((2, 1))
    assert tall.page == pytest.approx((960, 1080))


def test_nearly_square_pixels_are_left_alone():
    assert parse_profile("1920x1080,p1.0099x1,d8").scale == (1, 1)
    assert parse_profile("1920x1080,p1.02x1,d8").scale == pytest.approx((1, 1.02))


def test_seams_of_three_displays():
    """55 inch displays of 1209.6 mm with 3.5 mm between their pictures."""
    shown = parse_profile("5760x1080,mm3635.8x680.4,3x1,b3.5,d6")
    assert [(seam.at, seam.behind) for seam in shown.seams_across] == [(1920, 0), (3840, 0)]
    assert shown.seams_down == []
    assert shown.pixel_mm[0] == pytest.approx(0.63)
    hidden = parse_profile("5760x1080,mm3635.8x680.4,3x1,b3.5h,d6")
    pitch = 3635.8 / 5760
    assert [seam.behind for seam in hidden.seams_across] == pytest.approx([3.5 / pitch] * 2)
    assert [seam.at * pitch for seam in hidden.seams_across] == pytest.approx([1209.6 + 1.75, 2 * 1209.6 + 3.5 + 1.75])


def test_what_can_be_seen_from_where():
    wall = parse_profile("3840x1080,p1.8,d8")
    assert wall.viewing_m == pytest.approx((2.484, 4.968, 9.936))
    assert wall.readable_m == pytest.approx(26 * 1.8 / 5.8178, rel=1e-3)
    assert wall.fits
    assert not parse_profile("1920x1080,p0.63,d15").fits  # 139 px: seven lines
    assert math.isclose(parse_profile("3840x1080,p1.8,d8,s27").room[1], (1080 - 54) / 26)
