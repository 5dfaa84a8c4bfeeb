"""What is seen only beside modules that this one does not declare is collected where they are: in
the session of the part, which has everything in one environment."""

from importlib.util import find_spec

collect_ignore = [] if find_spec("tinytorch.training") else ["test_with_training.py"]
