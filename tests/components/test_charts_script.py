"""The charts' script is the one that the pinned plotly package means."""

from pathlib import Path

from plotly.offline import get_plotlyjs_version

ASSETS = Path(__file__).parents[2] / "assets"


def test_the_script_has_the_version_of_the_pinned_package():
    (script,) = ASSETS.glob("plotly-*.min.js")
    assert script.name == f"plotly-{get_plotlyjs_version()}.min.js"
    assert f'.version="{get_plotlyjs_version()}"' in script.read_text(encoding="utf-8")[:2000]
