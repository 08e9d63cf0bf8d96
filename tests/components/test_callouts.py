"""Where callouts stand on a map: at its sides, off each other and off the middles of places, their lines uncrossed."""

from hypothesis import given
from hypothesis import strategies as st

from components.figures.callouts import Place, Slot, callouts, slots
from components.theme import Look

BOUNDS = (116.0, 35.0, 118.0, 37.0)
PLACES = st.lists(
    st.tuples(st.floats(116, 118), st.floats(35, 37), st.floats(0, 3000)), min_size=3, max_size=14, unique=True
).map(lambda some: [Place(str(n), *one) for n, one in enumerate(some)])


@given(PLACES)
def test_property_callouts_stand_inside_at_a_side_and_apart(places):
    found = slots(["0", "1", "2"], places, BOUNDS)
    for slot in found:
        assert min(slot.outer, slot.inner) > 116 and max(slot.outer, slot.inner) < 118
        assert 35 < slot.lat < 37
        assert abs(slot.inner - slot.outer) < 0.6
    for n, one in enumerate(found):
        for other in found[n + 1 :]:
            assert one.outer != other.outer or abs(one.lat - other.lat) >= 0.2


@given(PLACES)
def test_property_lines_of_a_side_do_not_cross(places):
    found = slots(["0", "1", "2"], places, BOUNDS)
    for n, one in enumerate(found):
        for m, other in enumerate(found):
            if one.outer == other.outer and places[n].lat > places[m].lat:
                assert one.lat > other.lat


def test_a_callout_is_not_put_on_the_middle_of_a_place():
    row = [Place(str(n), 116.2, 35.6 + 0.1 * n, 1.0) for n in range(14)]  # the left side is full
    (slot,) = slots(["5"], row, BOUNDS)
    assert isinstance(slot, Slot)
    assert slot.outer > 117


def test_what_is_called_out_is_clicked_at_its_mark_and_at_its_words():
    places = [Place("a", 117.0, 36.0, 900.0)]
    told = {
        "code": "a",
        "name": "停水",
        "said": "9 人",
        "sentence": "停水 9 人",
        "fields": {"category": "x", "area": "a"},
    }
    drawn = callouts([told, told | {"code": "gone"}], places, Look("zh", "dark", False, 14), BOUNDS)
    assert [t["customdata"] for t in drawn if "customdata" in t] == [['{"category": "x", "area": "a"}']] * 2
    assert all(len(t["meta"]["out"]) == len(t["lon"]) == len(t["lat"]) for t in drawn)
    assert any("▲ 停水" in word for t in drawn for word in t.get("text", []))
