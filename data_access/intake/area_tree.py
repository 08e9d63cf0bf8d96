"""Checks of the tree: codes, names, parents. What cannot be placed in the tree is set aside with its reason."""

from collections import defaultdict

from data_access.intake.area_files import AreaRow
from data_access.intake.area_report import AreaLoadError, AreaReport

_STATISTICAL = ("市辖区", "市本级", "省直辖县级行政区划", "县")


def check_tree(
    rows: list[AreaRow], existing: dict[str, int], city: str, report: AreaReport
) -> tuple[list[AreaRow], str]:
    """The rows that fit one tree, upper levels first with their level set, and the code of the root.

    existing: level by code of the areas already in the database; city: the root there, '' for none.
    """
    rows = _identified(rows, report)
    by_code = {row.code: row for row in rows}
    root = _root(rows, by_code, existing, city, report)
    if root in by_code:
        by_code[root].parent = None
    return _placed(rows, by_code, existing, root, report), root


def _aside(row: AreaRow, kind: str, report: AreaReport, **detail: object) -> None:
    report.add(kind, row.code, row.name, row.line, **detail)
    report.quarantined.append((row.line, report.findings[-1].sentence("en")[:200], row.raw))


def _identified(rows: list[AreaRow], report: AreaReport) -> list[AreaRow]:
    kept: dict[str, AreaRow] = {}
    parents = {row.parent for row in rows}
    for row in rows:
        first = kept.get(row.code)
        if not row.code:
            _aside(row, "no_code", report)
        elif len(row.code) > 20:
            _aside(row, "long_code", report)
        elif not row.name:
            _aside(row, "no_name", report)
        elif row.name in _STATISTICAL and row.code not in parents and row.geometry is None:
            _aside(row, "statistical_row", report)
        elif first is not None:
            same = first.raw == row.raw and first.geometry == row.geometry
            detail = {"other": first.name, "other_line": first.line}
            _aside(row, "same_row_twice" if same else "duplicate_code", report, **detail)
        else:
            kept[row.code] = row
    return list(kept.values())


def _root(
    rows: list[AreaRow], by_code: dict[str, AreaRow], existing: dict[str, int], city: str, report: AreaReport
) -> str:
    tops = [row for row in rows if row.parent not in by_code and row.parent not in existing]
    if city:
        strangers = [row for row in tops if row.parent is None and row.code not in existing]
        if strangers and not any(row.parent in existing or row.code in existing for row in rows):
            raise AreaLoadError(
                f"this database holds the city {city}; {strangers[0].code} {strangers[0].name} is another one. "
                "Load it into a fresh database (COCKPIT_DATABASE_URL)."
            )
        return city
    if not tops:
        raise AreaLoadError(
            "no area is without a parent: the parents go in a circle, so there is no city to start from"
        )
    below: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        if row.parent:
            below[row.parent].append(row.code)

    def size(code: str, seen: frozenset[str] = frozenset()) -> int:
        return 1 + sum(size(child, seen | {code}) for child in below.get(code, ()) if child not in seen)

    best = max(tops, key=lambda row: (size(row.code), row.parent is None, -row.line))
    unknown = {row.parent for row in tops}
    if len(tops) > 1 and size(best.code) == 1 and len(unknown) == 1:
        raise AreaLoadError(
            f"{len(tops)} areas hang below {best.parent or 'nothing'} and there is no city above them; "
            "add [root] with code and name to the description"
        )
    if best.parent is not None:
        report.add("root", best.code, best.name, best.line, parent=best.parent)
    return best.code


def _placed(
    rows: list[AreaRow], by_code: dict[str, AreaRow], existing: dict[str, int], root: str, report: AreaReport
) -> list[AreaRow]:
    """Rows that lead up to the root, with their level; the others set aside, each with the reason."""
    level: dict[str, int] = {root: existing.get(root, 0)}
    failed: dict[str, tuple[str, dict[str, object]]] = {}

    def place(code: str) -> None:
        chain: list[str] = []
        here = code
        while here not in level and here not in failed:
            if here in chain:
                loop = chain[chain.index(here) :]
                for one in loop:
                    failed[one] = ("cycle", {"loop": " > ".join([*loop, loop[0]])})
                break
            chain.append(here)
            parent = by_code[here].parent
            if parent in by_code or parent == root:
                here = str(parent)
            elif parent in existing:
                level[here] = existing[parent] + 1
            else:
                failed[here] = ("unknown_parent", {"parent": parent or "''"})
        for one in reversed(chain):
            if one in level or one in failed:
                continue
            parent = str(by_code[one].parent)
            if parent in level:
                level[one] = level[parent] + 1
            else:
                failed[one] = ("parent_set_aside", {"parent": parent})

    for row in rows:
        place(row.code)
    kept = []
    for row in rows:
        if row.code in failed:
            kind, detail = failed[row.code]
            _aside(row, kind, report, **detail)
        else:
            row.level = level[row.code]
            kept.append(row)
    known = {*existing, *(row.code for row in kept)}
    names: dict[tuple[str | None, str], AreaRow] = {}
    for row in kept:
        if row.counts_in and row.counts_in not in known:
            report.add("unknown_counts_in", row.code, row.name, row.line, counts_in=row.counts_in)
            row.counts_in = None
        first = names.setdefault((row.parent, row.name), row)
        if first is not row:
            report.add("same_name", row.code, row.name, row.line, other=first.name, other_code=first.code)
    return sorted(kept, key=lambda row: (row.level, row.code))
