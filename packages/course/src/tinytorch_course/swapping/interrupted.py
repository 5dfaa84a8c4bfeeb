"""Swaps that were cut off: whoever comes next ends them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from tinytorch_course.swapping import exchange, storage
from tinytorch_course.swapping.exchange import Exchange
from tinytorch_course.swapping.refusal import Refusal


def tend(path: Sequence[str], prefix: Path) -> None:
    """Ends what was cut off in the folders of a `sys.path`, unless a swap is at work right now."""
    if not exchange.unfinished(path):
        return
    try:
        with storage.one_at_a_time(storage.folder_of(prefix), patience=0):
            resume_all(path)
    except Refusal:
        return


def resume_all(path: Sequence[str]) -> None:
    """For whoever holds the lock."""
    for each in exchange.unfinished(path):
        click.echo(_resume(each), err=True)


def _resume(cut_off: Exchange) -> str:
    try:
        finished = exchange.resume(cut_off)
    except (OSError, ValueError, KeyError) as error:  # a file in use; a journal that was changed
        return (
            f"An interrupted swap of {cut_off.module} could not be finished ({error}). Close the "
            "programs that use it, then run `tinytorch status`."
        )
    if finished:
        return f"An interrupted swap of {cut_off.module} was finished."
    return f"What an interrupted swap of {cut_off.module} had left was removed."
