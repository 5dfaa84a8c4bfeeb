"""A project follows a newer reference: three versions of each file, and nothing of theirs is lost.

`merging.py` joins lines, `bodies.py` knows which lines are a student's answers, `plan.py` decides
file by file, `applying.py` does it so that it can be undone.
"""
