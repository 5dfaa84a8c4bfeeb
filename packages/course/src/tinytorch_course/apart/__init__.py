"""Judging with two processes: what is expected is known only where the student's code never runs.

The *respondent* holds `tinytorch`, the student's module and all it builds on, and answers requests.
The *judge* runs the checks; the `tinytorch` that it sees are mirrors, whose every use is a request.

`wire.py` carries messages, `values.py` says what crosses by value. On the respondent's side are
`respondent.py`, `holdings.py` and `standins.py`; on the judge's `judge.py`, `dialogue.py`,
`mirrors.py`, `mirrored_import.py` and `trust.py`. `pair.py` and `judging.py` run in the command.
"""
