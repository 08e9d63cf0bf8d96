"""Elements as values: what the browser grows is what was made, and text is never markup."""

import json

from components import markup as html


def test_a_tree_is_elements_and_texts():
    made = html.Div([html.Span("a", className="x"), None, ["b", html.B(3)]], title="t", **{"data-set": "area"})
    assert made == ("div", {"title": "t", "data-set": "area"}, [("span", {"class": "x"}, ["a"]), "b", ("b", {}, ["3"])])


def test_a_place_that_is_none_stays_and_an_empty_one_is_emptied():
    assert json.loads(html.tree("s", head=None, cover=[])) == {"stamp": "s", "places": {"cover": []}}


def test_text_that_looks_like_markup_stays_text():
    sent = json.loads(html.tree(body=html.P("<img src=x onerror=alert(1)>")))
    assert sent["places"]["body"] == [["p", {}, ["<img src=x onerror=alert(1)>"]]]


def test_styles_stay_apart_and_nothing_is_said_for_none():
    assert html.Span(style={"width": "5%"}, title=None).attributes == {"style": {"width": "5%"}}
