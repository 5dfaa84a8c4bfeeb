"""Packages for the graders that others run: Gradescope, PrairieLearn.

Each holds what `tinytorch grade` needs to run there with the versions that are installed here.
`scripts` are the files that go into them as they are.
"""
