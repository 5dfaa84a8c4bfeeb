"""Judging the code of a submission, twice: beside the checks, and apart from them.

First the checks run as `tinytorch check` runs them, in one process with the code: that tells a
student most. What passes there is judged once more by checks in another process, which the code
cannot reach. Points are given for what passes in both. An instructor's own tests run apart alone,
where the code that they judge cannot read them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random

from tinytorch_course.apart.judging import judge_apart
from tinytorch_course.checking.failure import Failure
from tinytorch_course.checking.judging import Judgement, Limits, judge
from tinytorch_course.checking.passing_folder import passing_folder
from tinytorch_course.checking.result import NOT_REPORTED, NOT_RUN, Outcome, Tally
from tinytorch_course.grading import tripwires
from tinytorch_course.grading.environment import Environment
from tinytorch_course.grading.grade import Remark, Weight
from tinytorch_course.grading.sandbox.confined import Confined
from tinytorch_course.grading.sandbox.enclosure import Sandbox
from tinytorch_course.grading.tripwires import Wired


@dataclass(frozen=True)
class Courtroom:
    """What all submissions of a run are judged in and with."""

    environment: Environment
    sandbox: Sandbox
    limits: Limits
    salt: int
    """Drawn for each run: of names, of inputs, of where tripwires are."""
    readable: tuple[Path, ...] = ()
    settings: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Case:
    """Code, and the checks that it is judged by."""

    import_name: str
    source: Path
    """A folder to import the submitted modules from."""
    submitted: tuple[str, ...]
    needed: frozenset[str]
    """Modules and capstones that the checks import, besides."""
    checks: Path
    groups: Mapping[str, Sequence[str]]
    in_process: frozenset[str]
    """Checks that cannot be judged apart."""
    may_start_processes: bool = False


@dataclass(frozen=True)
class Verdict:
    tallies: Mapping[str, Tally]
    """By group."""
    forged: frozenset[str]
    """Groups that passed in one process and not apart, or in which a tripwire passed."""
    unimportable: Failure | None
    remarks: tuple[Remark, ...]


def try_case(case: Case, room: Courtroom) -> Verdict:
    rng = Random(f"{room.salt} {case.import_name} {case.source}")
    with passing_folder() as folder:
        wired = tripwires.lay(case.checks, folder / "checks", case.groups, rng)
        beside = _judge_beside(case, room, wired, rng)
        tallies = {group: _tally(beside, wired, ids) for group, ids in case.groups.items()}
        sprung = _sprung(beside.judgement, wired)
        passed = {g: case.groups[g] for g, tally in tallies.items() if tally.is_passed}
        apart, launchers = _judge_apart(case, room, passed, rng)
    forged = frozenset(tallies) if sprung else _differing(apart, passed)
    return Verdict(
        tallies={group: _with(tally, apart) for group, tally in tallies.items()},
        forged=forged,
        unimportable=beside.judgement.unimportable,
        remarks=(*_about_forgery(sprung, forged), *_about(beside.launcher, *launchers)),
    )


def try_hidden(case: Case, room: Courtroom) -> Verdict:
    """The same for checks that nobody may read. They run apart. Those that must run beside the code
    can be read by it, so of them no word comes out; and they run last, to leave nothing behind for
    those whose words do.
    """
    rng = Random(f"{room.salt} {case.import_name} {case.source}")
    apart, launchers = _judge_apart(case, room, case.groups, rng)
    bound = {g: [i for i in ids if i in case.in_process] for g, ids in case.groups.items()}
    beside = (
        _in_silence(try_case(replace(case, groups=bound), room)) if any(bound.values()) else None
    )
    outcomes = dict(apart.outcomes) if apart else {}
    for tally in beside.tallies.values() if beside else ():
        outcomes |= tally.outcomes
    unimportable = apart.unimportable if apart else None
    return Verdict(
        tallies={
            group: Tally({each: outcomes.get(each, NOT_RUN) for each in ids})
            for group, ids in case.groups.items()
        },
        forged=frozenset(g for g in beside.forged if bound[g]) if beside else frozenset(),
        unimportable=unimportable or (beside.unimportable if beside else None),
        remarks=(*_about(*launchers), *(beside.remarks if beside else ())),
    )


def _in_silence(verdict: Verdict) -> Verdict:
    """Without a word that the code could have chosen, but to the instructor."""
    return Verdict(
        tallies={
            group: Tally({each: _silent_outcome(found) for each, found in tally.outcomes.items()})
            for group, tally in verdict.tallies.items()
        },
        forged=verdict.forged,
        unimportable=_silent(verdict.unimportable) if verdict.unimportable else None,
        remarks=tuple(replace(each, to_student=False) for each in verdict.remarks),
    )


def _silent_outcome(outcome: Outcome) -> Outcome:
    return replace(outcome, failure=_silent(outcome.failure)) if outcome.failure else outcome


def _silent(failure: Failure) -> Failure:
    """Even its kind is a name that the code may choose."""
    error = "timeout" if failure.error == "timeout" else "Failed"
    return Failure(error, "it runs beside the code, which could read it: no more is told of it")


@dataclass(frozen=True)
class _Beside:
    judgement: Judgement
    launcher: Confined


def _launcher(case: Case, room: Courtroom) -> Confined:
    return Confined(
        python=room.environment.python,
        sandbox=room.sandbox,
        libraries=room.environment.path_for(case.needed, case.submitted),
        readable=room.readable,
        settings=dict(room.settings),
        may_start_processes=case.may_start_processes,
    )


def _judges_launcher(case: Case, room: Courtroom) -> Confined:
    """The judge is shut in, too: what it hears may be hostile. Of the course it has a capstone that
    is run, and no module."""
    capstones = {each.name for each in room.environment.course.capstones}
    return Confined(
        python=room.environment.python,
        sandbox=room.sandbox,
        libraries=room.environment.path_for(case.needed & capstones, ()),
        readable=room.readable,
        settings=dict(room.settings),
    )


def _judge_beside(case: Case, room: Courtroom, wired: Wired, rng: Random) -> _Beside:
    launcher = _launcher(case, room)
    groups = wired.groups(case.groups, rng)
    found = judge(case.import_name, case.source, wired.folder, groups, room.limits, launcher)
    return _Beside(found, launcher)


def _tally(beside: _Beside, wired: Wired, ids: Sequence[str]) -> Tally:
    """A twin at which the process ended speaks for the check that it is a twin of."""
    outcomes = dict(beside.judgement.outcomes)
    for wire, twin in (pair for group in wired.wires.values() for pair in group.items()):
        ended = outcomes[wire].failure
        if ended and ended.error in ("timeout", "crash") and outcomes[twin] == NOT_RUN:
            outcomes[twin] = outcomes[wire]
    return Tally({each: outcomes[wired.names[each]] for each in ids})


def _sprung(judgement: Judgement, wired: Wired) -> list[str]:
    """Tripwires that passed."""
    wires = (wire for group in wired.wires.values() for wire in group)
    return [each for each in wires if judgement.outcomes[each].passed]


def _judge_apart(
    case: Case, room: Courtroom, passed: Mapping[str, Sequence[str]], rng: Random
) -> tuple[Judgement | None, tuple[Confined, ...]]:
    groups = {
        group: [each for each in ids if each not in case.in_process]
        for group, ids in passed.items()
    }
    if not any(groups.values()):
        return None, ()
    launcher, judges = _launcher(case, room), _judges_launcher(case, room)
    found = judge_apart(
        module=case.import_name,
        source=case.source,
        path=[case.source],
        checks=case.checks,
        groups={group: ids for group, ids in groups.items() if ids},
        limits=room.limits,
        launcher=launcher,
        salt=rng.getrandbits(32),
        judges=judges,
    )
    return found, (launcher, judges)


def _differing(apart: Judgement | None, passed: Mapping[str, Sequence[str]]) -> frozenset[str]:
    """Groups that passed beside the code and fail apart from it; to be slow there, or not to be
    found, is no forgery.
    """
    if apart is None:
        return frozenset()
    if apart.unimportable:
        return frozenset(passed)
    fails = {
        each
        for each, outcome in apart.outcomes.items()
        if outcome.failure and outcome.failure.error not in ("timeout", NOT_REPORTED)
    }
    return frozenset(group for group, ids in passed.items() if not fails.isdisjoint(ids))


def _with(tally: Tally, apart: Judgement | None) -> Tally:
    """The tally with what did not pass apart in it."""
    if apart is None:
        return tally
    failed = {
        each: outcome
        for each, outcome in apart.outcomes.items()
        if each in tally.outcomes and not outcome.passed
    }
    return Tally({**tally.outcomes, **failed})


def _about_forgery(sprung: Sequence[str], forged: frozenset[str]) -> list[Remark]:
    if sprung:
        text = (
            "checks that must fail were reported to pass: the code interferes with how it is "
            "judged. Nothing that it reported counts."
        )
        return [Remark(Weight.ALARM, text)]
    if forged:
        text = (
            "what passed beside the checks failed apart from them: the code may depend on how it "
            f"is judged, or on chance. Look at {', '.join(sorted(forged))}."
        )
        return [Remark(Weight.ALARM, text)]
    return []


def _about(*launchers: Confined) -> list[Remark]:
    tried = list(dict.fromkeys(each for launcher in launchers for each in launcher.trespasses))
    remarks = [Remark(Weight.ALARM, f"the code tried to {each}") for each in tried[:5]]
    if len(tried) > 5:
        remarks.append(Remark(Weight.ALARM, f"and {len(tried) - 5} more things of that kind"))
    ended = dict.fromkeys(each for launcher in launchers for each in launcher.ended_for)
    return [*remarks, *(Remark(Weight.ALARM, f"it was ended because {each}") for each in ended)]
