"""The services page on real files that tell one thing each: it says that, and of the rest that nobody tells it."""

from datetime import datetime

import pandas as pd
import pytest

from components.panel import look_of, panels
from components.view import View
from tests.conftest import RealFiles
from tests.pages.asked import answered, body


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_of_standards_alone_the_page_is_about_them(of_file, real: RealFiles, lang):
    path = real("services/canada_service_standards_2024.csv")
    client = of_file("services_canada", path, datetime(2024, 3, 20, 10))
    lines = pd.read_csv(path, encoding="utf-8-sig", dtype=str)
    newest = lines[(lines["fiscal_yr"] == "2023-2024") & lines["service_standard_id"].notna()]
    met, total = (pd.to_numeric(newest[name], errors="coerce") for name in ("volume_meeting_target", "total_volume"))
    fair = met.notna() & (total > 0) & (met <= total) & (newest["type"] == "TML")
    answer, told = answered(client, "services.standards", {"lang": lang})
    assert len(told["data"]) == len(newest)
    (said,) = body(client, "services.situation", lang=lang)["data"]
    assert f"{met[fair].sum() / total[fair].sum() * 100:.2f}%" in said["before"]
    assert f"{fair.sum():,}" in said["before"]
    look = look_of(View.from_query({"lang": lang}))
    assert panels["services.standards"].draw(answer, look).nodes
    others = {name for name in panels if name.startswith("services.")} - {"services.standards", "services.situation"}
    states = {name: body(client, name, lang=lang)["meta"]["state"] for name in others}
    assert set(states.values()) == {"none"}


def test_of_queues_alone_halls_stand_and_what_needs_cases_says_so(of_file, real: RealFiles):
    path = real("services/warsaw_queues_2020-01-08_to_10.csv")
    client = of_file("services_warsaw", path, datetime(2020, 1, 9, 10, 2))
    waiting = sum(row["waiting"] for row in body(client, "services.halls")["data"])
    (tile,) = body(client, "services.headline")["data"]
    assert (tile["key"], tile["value"]) == ("services.waiting", waiting)
    for name in ("throughput", "times", "league", "records", "ratings"):
        meta = body(client, f"services.{name}")["meta"]
        assert (meta["state"], meta["note"]) == ("none", "来源没有提供办件")
