"""The test card: shown full-screen on a wall, it tells whether what was said about the wall is so."""

import pandas as pd
from dash import html, register_page
from dash.development.base_component import Component

from components.bodies.wall_card import wall_card
from components.panel import Answer, panel
from components.view import View
from data_access import walls

register_page(__name__, path="/testcard", name="testcard", filtered=False)


@panel(wall_card)
def card(view: View) -> Answer:
    """what, value: what the card is drawn for, one row each."""
    wall = walls.profile(view.wall)
    facts = {"width": wall.width, "height": wall.height, "body": wall.body, "distance": wall.distance}
    across = [(seam.at / wall.width, seam.behind / wall.width) for seam in wall.seams_across]
    down = [(seam.at / wall.height, seam.behind / wall.height) for seam in wall.seams_down]
    shown = pd.DataFrame({"what": list(facts), "value": [float(value) for value in facts.values()]})
    return Answer(shown, facts={**facts, "across": across, "down": down})


def layout(**query: str) -> Component:
    return html.Div([card.slot(View.from_query(query).lang)], className="grid card-page")
