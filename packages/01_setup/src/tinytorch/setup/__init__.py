"""What this machine is, what of the course is installed and whose it is, and what comes next."""

from tinytorch.setup.conflict import Conflict
from tinytorch.setup.cores import parse_quota, usable_cores
from tinytorch.setup.course import Course, Package, load_course
from tinytorch.setup.evidence import Evidence
from tinytorch.setup.graph import edges_from_table, prerequisites, topological_order
from tinytorch.setup.inventory import InstalledModules, PackageStatus, installed_modules
from tinytorch.setup.learning import (
    DependencyGraph,
    LearningPath,
    MissingPrerequisites,
    dependency_graph,
    learning_path,
    missing_prerequisites,
)
from tinytorch.setup.machine import Blas, Cores, Environment, Memory, environment
from tinytorch.setup.origins import classify
from tinytorch.setup.problems import Problem, find_problems
from tinytorch.setup.reporting import Report, report
from tinytorch.setup.requirements import conflicts
from tinytorch.setup.speed import Speed, measure_speed
from tinytorch.setup.timing import best_seconds, multiply_adds

__all__ = [
    # the machine
    "environment",
    "Environment",
    "Cores",
    "Memory",
    "Blas",
    "parse_quota",
    "usable_cores",
    # its speed
    "measure_speed",
    "Speed",
    "best_seconds",
    "multiply_adds",
    # the course
    "load_course",
    "Course",
    "Package",
    "dependency_graph",
    "DependencyGraph",
    "edges_from_table",
    "topological_order",
    "prerequisites",
    # what of it is installed
    "installed_modules",
    "InstalledModules",
    "PackageStatus",
    "Evidence",
    "classify",
    # what comes next
    "learning_path",
    "LearningPath",
    "missing_prerequisites",
    "MissingPrerequisites",
    # what is wrong
    "find_problems",
    "Problem",
    "conflicts",
    "Conflict",
    # all of it
    "report",
    "Report",
]
