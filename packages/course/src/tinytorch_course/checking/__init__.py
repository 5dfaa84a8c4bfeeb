"""Running the course's checks on a student's files.

`child.py`, `observer.py`, `failure.py` and `limits.py` run beside the student's code, in a process
of their own; everything else runs in the command's.
"""
