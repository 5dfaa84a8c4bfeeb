"""The `tinytorch` command: its subcommands, each in a file of its own below `commands`."""

from __future__ import annotations

import errno
import os
import sys
from difflib import get_close_matches
from importlib import import_module
from pathlib import Path

import click
from importlib_metadata import version

from tinytorch_course.swapping import interrupted

COMMANDS = (
    *("status", "start", "check", "update", "swap", "restore", "progress"),
    *("doctor", "graph", "run", "grade", "autograder"),
)
"""Each is a function of that name, in the file of that name below `commands`."""


class Commands(click.Group):
    """A group that lists its commands in their own order and knows what a typo may have meant."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """Imported when it is asked for: most of them take longer to import than to run."""
        if name not in COMMANDS:
            return None
        command: click.Command = getattr(import_module(f"tinytorch_course.commands.{name}"), name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0].startswith("-") or self.get_command(ctx, args[0]) is not None:
            return super().resolve_command(ctx, args)
        names = self.list_commands(ctx)
        near = get_close_matches(args[0], names, n=1, cutoff=0.5)
        meant = f"Did you mean 'tinytorch {near[0]}'?" if near else f"There are {_listed(names)}."
        raise click.UsageError(f"No command is called '{args[0]}'. {meant}", ctx)


def _listed(names: list[str]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}"


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(version("tinytorch-course"), prog_name="tinytorch")
def cli() -> None:
    """Build a deep-learning framework from scratch, module by module."""
    interrupted.tend(sys.path, Path(sys.prefix))


def main() -> None:
    """The console script. A reader that stops reading (`| head -1`) ends it without a word."""
    try:
        cli(prog_name="tinytorch", windows_expand_args=False)
    except OSError as error:
        if not _is_closed_pipe(error):
            raise
        _end_silently()


def _is_closed_pipe(error: OSError) -> bool:
    """Windows reports a closed pipe as an invalid argument."""
    return error.errno == errno.EPIPE or (os.name == "nt" and error.errno == errno.EINVAL)


def _end_silently() -> None:
    """Python flushes stdout once more when it ends: give it somewhere to go."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(1)
