"""Where gradients can be had, the checks run as they do in training: watched."""

import importlib.util

if importlib.util.find_spec("tinytorch.autograd") is not None:
    importlib.import_module("tinytorch.autograd")
