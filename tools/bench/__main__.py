"""`python -m bench [WORKLOAD…]`: run the contests and write the table."""

from __future__ import annotations

from pathlib import Path

import click

from .case import WORKLOADS, cases_of
from .contest import Result, compete
from .table import markdown, surroundings, write_json


@click.command()
@click.argument("workloads", nargs=-1, type=click.Choice(WORKLOADS))
@click.option("--rounds", default=9, show_default=True, help="How often each has its turn.")
@click.option("--only", help="Only cases with this text in their name.")
@click.option("--output", type=click.Path(path_type=Path), default=Path("bench-output"))
def main(workloads: tuple[str, ...], rounds: int, only: str | None, output: Path) -> None:
    """TinyTorch beside PyTorch and plain NumPy. Writes bench.md and bench.json."""
    results: list[Result] = []
    for workload in workloads or WORKLOADS:
        cases = [case for case in cases_of(workload) if not only or only in case.name]
        for group in compete(workload, cases, rounds):
            results += group
            click.echo(markdown(group).splitlines()[-1])
    output.mkdir(parents=True, exist_ok=True)
    write_json(results, output / "bench.json")
    about = ", ".join(f"{key} {value}" for key, value in surroundings().items())
    (output / "bench.md").write_text(f"{markdown(results)}\n\n{about}\n", encoding="utf-8")
    click.echo(f"wrote {output / 'bench.md'} and {output / 'bench.json'}")


if __name__ == "__main__":
    main(prog_name="python -m bench")
