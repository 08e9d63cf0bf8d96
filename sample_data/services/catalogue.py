"""The demo catalogue (事项目录): some 6,000 items of 47 departments, with versions, and the themes (一件事)."""

import tomllib
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from domain.services.items import Items
from sample_data.randomness import uniform

VALID_FROM = date(2020, 1, 1)
IMPROVED = 0.03  # share of the items that had a worse version before
SLOW = {  # promised working days of what is known for them
    "企业开办": 1, "施工许可": 3, "不动产转移登记": 2, "食品经营许可": 5, "医师执业注册": 5, "排污许可": 12,
    "公积金贷款": 5, "社会保险参保登记": 1, "普通护照": 7, "居民身份证": 10, "教师资格认定": 15, "残疾人证": 15,
}  # fmt: skip


@cache
def told() -> dict[str, Any]:
    """What departments.toml says."""
    return tomllib.loads((Path(__file__).parent / "departments.toml").read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Catalogue:
    """Arrays over the items in force at the end (I): frame has the columns of service_item, all versions; the others
    are what cases are drawn from."""

    frame: pd.DataFrame
    codes: list[str]
    names: list[str]
    department: np.ndarray  # I -> index into departments
    departments: list[str]
    weight: np.ndarray  # I, adds up to 1
    legal: np.ndarray  # I working days; 0 no limit
    promised: np.ndarray
    company: np.ndarray  # I, bool: asked for by companies
    theme: np.ndarray  # I -> index into themes, the last is ''
    themes: list[str]
    special: np.ndarray
    specials: list[str]

    def on(self, day: date) -> Items:
        """The versions in force on a day."""
        since, until = self.frame["valid_from"], self.frame["valid_to"]
        valid = [a <= day and (not isinstance(b, date) or day < b) for a, b in zip(since, until, strict=True)]
        f = pd.DataFrame(self.frame[np.array(valid)])
        return Items(
            kind=f["kind"].to_numpy(), enabled=f["enabled"].to_numpy(), template=f["template"].to_numpy(),
            legal=f["legal_days"].to_numpy(dtype=float), promised=f["promised_days"].to_numpy(dtype=float),
            visits=f["visits"].to_numpy(dtype=float),
            **{name: f[name].to_numpy() for name in (
                "instant", "visits_excused", "depth", "online", "online_excused", "mobile", "mobile_excused",
                "materials", "materials_electronic",
            )},
        )  # fmt: skip


def departments() -> pd.DataFrame:
    """code, name, name_en, kind."""
    rows = [(f"G-{code}", zh, en, "city") for code, zh, en, *_ in told()["department"]]
    return pd.DataFrame(rows, columns=["code", "name", "name_en", "kind"])


def elsewhere() -> pd.DataFrame:
    """code, name, name_en of places outside the city that cases are handed in at."""
    return pd.DataFrame(told()["elsewhere"], columns=["code", "name", "name_en"])


def themes(until: date) -> pd.DataFrame:
    """The columns of service_theme; they went online one after the other over three years."""
    pairs = [f"{what}_{when}" for what in ("steps", "materials", "days", "visits") for when in ("before", "after")]
    rows = []
    for n, (code, zh, en, _, *numbers) in enumerate(told()["theme"]):
        rows.append((code, zh, en, until - timedelta(days=1100 - 120 * n), *map(float, numbers)))
    return pd.DataFrame(rows, columns=["code", "name", "name_en", "online_from", *pairs])


def catalogue(seed: int, until: date) -> Catalogue:
    """The catalogue as it came to be by `until`. Each subject of a department with each action, for persons, companies
    and special cases, is one item."""
    data = told()
    theme_of = {subject: row[0] for row in data["theme"] for subject in row[3]}
    special_of = {subject: code for code, subject in data["special"]}
    rows, weights = [], []
    for d, (dept, _, _, share, subjects) in enumerate(data["department"]):
        of_department = sum(subject[3] for subject in subjects)
        for s, (zh, en, legal, part) in enumerate(subjects):
            for a, (action_zh, action_en, kind, often) in enumerate(data["action"]):
                for f, (form_zh, form_en) in enumerate(data["form"]):
                    rows.append({
                        "code": f"{dept}{s}{a:02d}{f}", "name": f"{zh}{action_zh}({form_zh})",
                        "name_en": f"{en}: {action_en} ({form_en})", "kind": kind, "org": f"G-{dept}",
                        "legal_days": float(legal) or None, "subject": zh, "department": d, "company": f == 1,
                        "theme": theme_of.get(zh, ""), "special": special_of.get(zh, ""),
                    })  # fmt: skip
                    weights.append(share * part / of_department * often * (5, 3, 1)[f])
    frame = pd.DataFrame(rows)
    frame = _attributes(frame, seed)
    current = frame.drop(columns=["subject", "department", "company"])
    versions = pd.concat([_before(current, seed, until), current.assign(version="2", valid_to=None)])
    codes, specials = data["theme"], [code for code, _ in data["special"]]
    theme_codes = [row[0] for row in codes] + [""]
    return Catalogue(
        versions.sort_values(["code", "valid_from"], ignore_index=True), frame["code"].tolist(), frame["name"].tolist(),
        frame["department"].to_numpy(), [f"G-{row[0]}" for row in data["department"]],
        np.array(weights) / sum(weights), frame["legal_days"].fillna(0.0).to_numpy(), frame["promised_days"].to_numpy(),
        frame["company"].to_numpy(), np.array([theme_codes.index(t) for t in frame["theme"]]), theme_codes,
        np.array([[*specials, ""].index(s) for s in frame["special"]]), [*specials, ""],
    )  # fmt: skip


def _attributes(frame: pd.DataFrame, seed: int) -> pd.DataFrame:
    """The attributes that item-based rates count, so that they come to what a good city publishes."""
    keys = np.arange(len(frame))
    u = {name: uniform(keys, 200 + n, seed) for n, name in enumerate(
        ("slow", "share", "visit", "excused", "online", "mobile", "depth", "materials", "paper", "scope", "enabled")
    )}  # fmt: skip
    legal = frame["legal_days"].fillna(0.0)
    usual = np.where(u["slow"] < 0.115, np.maximum(1, np.round(legal * (0.12 + 0.4 * u["share"]))), 0.0)
    known = pd.Series([SLOW.get(subject, np.nan) for subject in frame["subject"]], index=frame.index)
    main = frame["name"].str.contains("办理|变更|延续", regex=True)
    promised = np.where(known.notna() & main, known.fillna(0.0), usual)
    promised = np.where(legal > 0, np.minimum(promised, legal), 0.0)
    materials = 1 + (u["materials"] * 6).astype(int)
    return frame.assign(
        valid_from=VALID_FROM, region="990100", promised_days=promised, instant=promised == 0,
        visits=np.where(u["visit"] < 0.0022, 1, np.where(u["excused"] < 0.011, 1, 0)),
        visits_excused=u["excused"] < 0.011,
        depth=np.where(u["online"] < 0.002, 1, np.where(u["depth"] < 0.065, 4, 5 + (u["depth"] * 3).astype(int))),
        online=u["online"] >= 0.0035, online_excused=(u["online"] >= 0.0013) & (u["online"] < 0.0035),
        mobile=u["mobile"] >= 0.010, mobile_excused=(u["mobile"] >= 0.0064) & (u["mobile"] < 0.010),
        materials=materials, materials_electronic=materials - (u["paper"] < 0.008),
        materials_exempt=(materials * 0.3).astype(int),
        scope=np.select(
            [u["scope"] < 0.021, u["scope"] < 0.029, u["scope"] < 0.4], ["nation", "delta", "city"], default=""
        ),
        enabled=u["enabled"] >= 0.004, template=(u["enabled"] >= 0.004) & (u["enabled"] < 0.006),
    )  # fmt: skip


def _before(current: pd.DataFrame, seed: int, until: date) -> pd.DataFrame:
    """Worse versions that some items had until a month of the last two years; `current` is valid from there on."""
    keys = np.arange(len(current))
    old = uniform(keys, 220, seed) < IMPROVED
    ago = (uniform(keys, 221, seed) * 730).astype(int)
    until_day = np.array([until - timedelta(days=int(n)) for n in ago], dtype=object)
    before = current[old].assign(version="1", valid_to=until_day[old])
    legal = before["legal_days"].fillna(0.0)
    promised = np.minimum(legal, before["promised_days"] + np.maximum(1.0, np.round(legal * 0.3)))
    which = np.flatnonzero(old) % 3
    current.loc[old, "valid_from"] = until_day[old]
    return before.assign(
        promised_days=promised, instant=promised == 0,
        online=np.where(which == 0, False, before["online"]), mobile=np.where(which <= 1, False, before["mobile"]),
        visits=np.where(which == 2, 1, before["visits"]),
        materials_electronic=np.maximum(0, before["materials_electronic"] - 1),
    )  # fmt: skip
