"""Does everything that is installed find the versions it asks for?"""

from collections.abc import Mapping, Sequence

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tinytorch.setup.conflict import Conflict


def conflicts(
    versions: Mapping[str, str], requirements: Mapping[str, Sequence[str]]
) -> list[Conflict]:
    """The requirements that the installed versions do not meet, in the order given.

    versions: the installed version of each distribution: `{"tinytorch-tensor": "0.1.0+student"}`;
        the names are normalised (small letters, hyphens)
    requirements: what each distribution asks for, as in its metadata:
        `{"tinytorch-layers": ["tinytorch-tensor>=0.1,<0.2", 'rich; extra == "pretty"']}`;
        the names asked for may be written in any way (`TinyTorch_Tensor`)

    A requirement whose marker does not hold here (another platform, an extra) asks for nothing.
    A version with a local part (`0.1.0+student`) counts as the version before the plus sign, and
    a pre-release that lies in the range is as good as a release.
    """
    unmet = []
    for dependant, lines in requirements.items():
        for line in lines:
            requirement = Requirement(line)
            if requirement.marker and not requirement.marker.evaluate({"extra": ""}):
                continue
            version = versions.get(canonicalize_name(requirement.name))
            if version is None or not requirement.specifier.contains(version, prereleases=True):
                unmet.append(Conflict(dependant, line, version))
    return unmet
