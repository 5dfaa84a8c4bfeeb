"""What the parts of the course count for, and how a part's points come about.

The milestones weigh 25, 35 and 40 percent of the course. Of a part's weight one half is earned by
the tasks of its modules and one half by its milestone, run on those modules.
"""

from __future__ import annotations

from tinytorch_course.grading.assignment import Assignment

MILESTONES = {"xornet": 25, "cifar10": 35, "tinygpt": 40}
"""Percent of the course."""
MODULES_SHARE = 0.5


def module_factor(milestone: str, modules: int, possible: int) -> float:
    """What one point of a module counts for, when a part has that many modules."""
    return MILESTONES[milestone] * MODULES_SHARE / (modules * possible)


def milestone_factor(milestone: str, possible: int) -> float:
    return MILESTONES[milestone] * (1 - MODULES_SHARE) / possible


def possible(assignment: Assignment) -> float:
    """The points of all of it."""
    milestone = assignment.milestone
    own = sum(task.points for task in assignment.extra.tasks) if assignment.extra else 0
    if milestone:
        return MILESTONES[milestone.name] + own
    return sum(each.possible for each in assignment.modules) + own
