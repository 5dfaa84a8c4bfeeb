"""The `tinytorch` command.

It looks at `tinytorch.*` from outside, by metadata and by asking other Python processes, and never
imports it: whatever a student's module does wrong, the command still runs and can say so.
"""
