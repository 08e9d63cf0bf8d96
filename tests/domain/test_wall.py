"""Type size and viewing distance: the handbook's table."""

import pytest

from domain import wall

TILE_55 = wall.pitch_mm(1209.6, 1920)  # a 55 inch 1080p tile, pitch 0.63 mm


@pytest.mark.parametrize(
    ("distance", "height", "p125", "p180", "tile"),
    [
        (3, 17.5, 24, 24, 28),
        (5, 29.1, 24, 24, 47),
        (8, 46.5, 38, 26, 74),
        (12, 69.8, 56, 39, 111),
        (15, 87.3, 70, 49, 139),
    ],
)
def test_table(distance, height, p125, p180, tile):
    assert wall.character_height_mm(distance) == pytest.approx(height, abs=0.06)
    assert [wall.body_px(distance, pitch) for pitch in (1.25, 1.8, TILE_55)] == [p125, p180, tile]


def test_height_a_metre():
    assert wall.character_height_mm(1, 16) == pytest.approx(4.65, abs=0.005)
    assert wall.character_height_mm(1, 20) == pytest.approx(5.82, abs=0.005)
    assert wall.character_height_mm(1, 22) == pytest.approx(6.40, abs=0.005)


def test_viewing_range():
    assert wall.viewing_range_m(1.25) == pytest.approx((1.725, 3.45, 6.9))
    assert wall.viewing_range_m(1.8) == pytest.approx((2.484, 4.968, 9.936))
    assert wall.viewing_range_m(2.5) == pytest.approx((3.45, 6.9, 13.8))


@pytest.mark.parametrize("distance", [3.0, 5.0, 8.0, 12.0, 15.0, 40.0])
@pytest.mark.parametrize("pitch", [0.6, 1.25, 2.5])
def test_what_is_set_for_a_distance_can_be_read_from_there(distance, pitch):
    px = wall.body_px(distance, pitch)
    assert wall.readable_to_m(px, pitch) >= distance - 1e-6
    assert px == wall.FLOOR_PX or wall.readable_to_m(px - 1, pitch) < distance


@pytest.mark.parametrize("bad", [0, -1, float("nan"), float("inf")])
def test_nonsense_is_refused(bad):
    with pytest.raises(ValueError, match="positive"):
        wall.body_px(bad, 1.25)
    with pytest.raises(ValueError, match="positive"):
        wall.body_px(8, bad)
