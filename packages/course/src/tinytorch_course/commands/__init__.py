"""The subcommands of `tinytorch`, one a file. `cli.py` names those that there are."""
