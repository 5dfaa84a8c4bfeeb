"""Shutting in the processes that run a student's code.

`enclosure.py` says what such a process may see; `bubblewrap.py`, `namespaces.py` and `limits.py`
are three ways to hold it to that, from the strongest to the weakest; `choosing.py` takes the
strongest that works here. Under all of them runs `guard.py`, inside the process, and `warden.py`
beside it.
"""
