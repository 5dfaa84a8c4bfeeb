"""Keeping what is installed of a module, and putting other files in its place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from tinytorch_course.swapping import exchange, keep
from tinytorch_course.swapping.installation import Installation
from tinytorch_course.swapping.keep import Kept
from tinytorch_course.swapping.refusal import HALF_DONE, Refusal


def replace(
    installation: Installation,
    storage: Path,
    lay_out: Callable[[Path], None],
    first_on_path: Sequence[Path] = (),
) -> Kept | None:
    """What was kept; None where there were no files to keep. Raises `Refusal`."""
    kept = keep_installed(storage, installation)
    try:
        exchange.perform(
            installation.site,
            installation.module.name,
            installation.units(),
            lay_out,
            first_on_path,
        )
    except exchange.NotExchanged as error:
        raise Refusal(
            "in-use",
            "files could not be exchanged",
            "Often a program still uses them: close notebooks, editors and other Pythons of this "
            "environment, then try again.",
            evidence=(str(error),),
        ) from error
    except exchange.HalfExchanged as error:
        raise Refusal(
            HALF_DONE,
            "the exchange of the files is not finished",
            "The new ones are in effect, but some of the old could not be moved. Close notebooks, "
            "editors and other Pythons of this environment: then this finishes it.",
            ("tinytorch status",),
            (str(error),),
        ) from error
    return kept


def keep_installed(storage: Path, installation: Installation) -> Kept | None:
    """None where there were no files to keep. Raises `Refusal`."""
    try:
        return keep.keep(storage, installation)
    except (OSError, ValueError) as error:
        raise Refusal(
            "not-kept",
            "what is installed now cannot be kept",
            "Without a copy of it there is no way back, so it is not touched.",
            evidence=(str(error),),
        ) from error
