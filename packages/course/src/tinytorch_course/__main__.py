"""`python -m tinytorch_course` is the `tinytorch` command."""

from tinytorch_course.cli import main

main()
