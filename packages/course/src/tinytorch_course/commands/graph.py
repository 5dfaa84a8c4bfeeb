"""`tinytorch graph`: what builds on what."""

from __future__ import annotations

import json

import click
from rich.console import Console
from rich.text import Text
from rich.tree import Tree

from tinytorch_course import journey as journeys
from tinytorch_course import terminal, wording
from tinytorch_course.course import Capstone, Course, Module
from tinytorch_course.journey import Journey, State
from tinytorch_course.terminal import Marks


@click.command()
@click.argument("module", required=False)
@click.option("--dot", "as_dot", is_flag=True, help="Write it in Graphviz's DOT language.")
@click.option("--json", "as_json", is_flag=True, help="Write it as JSON.")
def graph(module: str | None, as_dot: bool, as_json: bool) -> None:
    """Show what builds on what.

    With MODULE (a name or a number), show what it needs and what needs it.
    """
    if as_dot and as_json:
        raise click.UsageError("--dot and --json are two ways of writing it: choose one.")
    journey = journeys.read()
    member = None if module is None else _find(journey.course, module)
    shown = _around(journey.course, member)
    if as_json:
        click.echo(json.dumps(_record(journey, shown), indent=2))
    elif as_dot:
        click.echo(_dot(journey, shown))
    elif member is None:
        _print_course(terminal.console(), journey)
    else:
        _print_member(terminal.console(), journey, member)


def _find(course: Course, text: str) -> Module | Capstone:
    member = course.find(text)
    if member is not None:
        return member
    near = course.nearest(text)
    meant = f" Did you mean '{near}'?" if near else ""
    raise click.ClickException(
        f"The course has no module or capstone '{text}'.{meant}\nSee them all:  tinytorch graph"
    )


def _around(course: Course, member: Module | Capstone | None) -> tuple[Module | Capstone, ...]:
    """A member with all that it needs and all that needs it, in order; without one, everything."""
    if member is None:
        return course.members
    names = {member.name} | course.needs(member.name) | course.built_on(member.name)
    return tuple(each for each in course.members if each.name in names)


def _print_course(console: Console, journey: Journey) -> None:
    marks = terminal.marks(console)
    for part in journey.course.parts:
        console.print(Text(wording.part_title(journey.course, part), style="bold"))
        for member in journey.course.members:
            if member.part == part:
                console.print(_line(journey, member, marks))
        console.print()
    console.print(_legend(journey, marks))


def _line(journey: Journey, member: Module | Capstone, marks: Marks) -> Text:
    """A module and what it names as its own dependencies, wrapped below themselves."""
    number = member.number if isinstance(member, Module) else ""
    line = Text("  ")
    line.append_text(_label(journey, member.name, marks, f"{number:>2}  "))
    line.append(" " * (24 - line.cell_len))
    line.append(_direct(journey.course, member), style="dim")
    return line


def _direct(course: Course, member: Module | Capstone) -> str:
    """`training` names everything before it: then the line says so instead of ten names."""
    number = member.number if isinstance(member, Module) else 0
    before = tuple(each.name for each in course.modules if each.number < number)
    if len(before) > 3 and set(before) == set(member.depends):
        return f"needs all of 1 to {number - 1}"
    return f"needs {', '.join(member.depends)}" if member.depends else ""


def _label(journey: Journey, name: str, marks: Marks, between: str = "") -> Text:
    state = journey.standings[name].state
    return Text.assemble(
        (f"{wording.mark(state, marks)} ", wording.STYLES[state]),
        (between, "dim"),
        (name, "" if state.is_there else "dim"),
    )


def _legend(journey: Journey, marks: Marks) -> Text:
    """Explains the signs that were shown, and no others."""
    shown = {each.state for each in journey.standings.values()}
    parts = [
        (f"{wording.mark(state, marks)} {wording.LABELS[state]}   ", wording.STYLES[state])
        for state in State
        if state in shown
    ]
    return Text.assemble(*parts)


def _print_member(console: Console, journey: Journey, member: Module | Capstone) -> None:
    marks = terminal.marks(console)
    standing = journey.standings[member.name]
    console.print(
        Text.assemble(
            _label(journey, member.name, marks),
            (f"  {member.title}", "dim"),
            (f"  {wording.LABELS[standing.state]}", wording.STYLES[standing.state]),
        )
    )
    console.print()
    _print_needs(console, journey, member, marks)
    _print_needed_by(console, journey, member, marks)


def _print_needs(
    console: Console, journey: Journey, member: Module | Capstone, marks: Marks
) -> None:
    if not member.depends:
        console.print(Text("Needs no other module", style="bold"))
        return
    tree = Tree(Text("Needs", style="bold"), guide_style="dim")
    shown: set[str] = set()
    _grow(tree, journey, member.depends, marks, shown)
    console.print(tree)


def _grow(
    tree: Tree, journey: Journey, names: tuple[str, ...], marks: Marks, shown: set[str]
) -> None:
    """Each name's own needs are drawn once, where it first comes up."""
    for name in names:
        branch = tree.add(_label(journey, name, marks))
        depends = journey.course.member(name).depends
        if name in shown and depends:
            branch.label = Text.assemble(_label(journey, name, marks), ("  (above)", "dim"))
            continue
        shown.add(name)
        _grow(branch, journey, depends, marks, shown)


def _print_needed_by(
    console: Console, journey: Journey, member: Module | Capstone, marks: Marks
) -> None:
    direct = journey.course.needed_by(member.name)
    further = journey.course.built_on(member.name) - set(direct)
    console.print()
    if not direct:
        console.print(Text("Nothing is built on it", style="bold"))
        return
    tree = Tree(Text("Needed by", style="bold"), guide_style="dim")
    for name in direct:
        tree.add(_label(journey, name, marks))
    console.print(tree)
    if further:
        names = [each.name for each in journey.course.members if each.name in further]
        console.print()
        console.print(Text.assemble(("And through them by  ", "bold"), ", ".join(names)))


def _record(journey: Journey, shown: tuple[Module | Capstone, ...]) -> dict[str, object]:
    names = {each.name for each in shown}

    def record(member: Module | Capstone) -> dict[str, object]:
        standing = journey.standings[member.name]
        return {
            "name": member.name,
            **({"number": member.number} if isinstance(member, Module) else {}),
            "part": member.part,
            "title": member.title,
            "depends": [name for name in member.depends if name in names],
            "needed_by": [name for name in journey.course.needed_by(member.name) if name in names],
            "state": standing.state.value,
            "version": standing.version,
        }

    return {
        "modules": [record(each) for each in shown if isinstance(each, Module)],
        "capstones": [record(each) for each in shown if isinstance(each, Capstone)],
    }


def _dot(journey: Journey, shown: tuple[Module | Capstone, ...]) -> str:
    """An arrow from each member to what it needs, foundations at the bottom, parts in boxes."""
    names = {each.name for each in shown}
    lines = ["digraph tinytorch {", "  rankdir=BT;", '  node [shape=box, fontname="sans-serif"];']
    for part in sorted({each.part for each in shown}):
        lines += [f"  subgraph cluster_part{part} {{"]
        lines += [f"    label={_quoted(wording.part_title(journey.course, part))};"]
        lines += [f"    {_node(journey, each)}" for each in shown if each.part == part]
        lines += ["  }"]
    for member in shown:
        lines += [f"  {member.name} -> {name};" for name in member.depends if name in names]
    return "\n".join([*lines, "}"])


def _node(journey: Journey, member: Module | Capstone) -> str:
    state = journey.standings[member.name].state
    label = f"{member.number:02} {member.name}" if isinstance(member, Module) else member.title
    style = {State.REFERENCE: "solid", State.YOURS: "bold"}.get(state, "dashed")
    return f"{member.name} [label={_quoted(label)}, style={style}, tooltip={_quoted(state.value)}];"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
