"""What to say to a person when something went wrong: a sentence of ours, and never anything of the data in hand."""

import traceback
from pathlib import Path

from data_access.engine import DatabaseError
from data_access.settings import ROOT, SettingsError


def said(error: Exception, *ours: Path | str) -> tuple[str, int]:
    """The sentence for an error and its exit code: 2 a mistake in what was asked or in the files, 1 the unexpected.

    Some library's plain ValueError could quote the data, so its text is used only if it was raised in the files `ours`.
    """
    expected = isinstance(error, (DatabaseError, SettingsError, ValueError))  # IntakeError is a ValueError
    if expected and (type(error) is not ValueError or _raised_in(error, ours)):
        return str(error), 2
    frames = [one for one in traceback.extract_tb(error.__traceback__) if str(ROOT) in one.filename]
    where = f" in {Path(frames[-1].filename).name}, line {frames[-1].lineno}" if frames else ""
    return (
        f"Something unexpected happened ({type(error).__name__}{where}). "
        "Please report it with the kind of file, without the data."
    ), 1


def _raised_in(error: Exception, files: tuple[Path | str, ...]) -> bool:
    frames = traceback.extract_tb(error.__traceback__)
    return bool(frames) and Path(frames[-1].filename) in map(Path, files)
