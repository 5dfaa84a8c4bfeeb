"""Everything this module knows, in one result."""

from dataclasses import dataclass

from tinytorch.setup.learning import LearningPath, learning_path
from tinytorch.setup.machine import Environment, environment
from tinytorch.setup.problems import Problem, find_problems
from tinytorch.setup.rendering import Result


@dataclass(frozen=True)
class Report(Result):
    """The machine, the course with what of it is installed, and what is wrong."""

    environment: Environment
    learning_path: LearningPath
    problems: tuple[Problem, ...]

    def __str__(self) -> str:
        return "\n\n".join(
            [
                f"This machine\n{self.environment}",
                f"The course\n{self.learning_path}",
                f"Problems\n{self._problems()}",
            ]
        )

    def _problems(self) -> str:
        if not self.problems:
            return "  none found"
        return "\n".join(f"{number}. {each}" for number, each in enumerate(self.problems, 1))


def report() -> Report:
    """Look at everything; what `python -m tinytorch.setup` prints."""
    return Report(environment(), learning_path(), find_problems())
