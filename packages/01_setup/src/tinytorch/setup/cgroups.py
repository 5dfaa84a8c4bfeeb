"""The limits of the control group (a container, a job, a service) that this process runs in."""

from pathlib import Path

_ROOT = Path("/sys/fs/cgroup")
_MEMBERSHIP = Path("/proc/self/cgroup")

# What version 1 writes for "no limit": the largest signed 64-bit number, rounded down to a page.
_NO_MEMORY_LIMIT = 2**62


def cpu_quotas(root: Path = _ROOT, membership: Path = _MEMBERSHIP) -> list[str]:
    """What each group around this process grants, in the words of `cpu.max`: `"150000 100000"`."""
    quotas = []
    for folder in _folders("cpu", root, membership):
        if text := _read(folder / "cpu.max"):
            quotas.append(text)
        granted, period = _read(folder / "cpu.cfs_quota_us"), _read(folder / "cpu.cfs_period_us")
        if granted and period:
            quotas.append(f"{'max' if int(granted) < 0 else granted} {period}")
    return quotas


def memory_limit(root: Path = _ROOT, membership: Path = _MEMBERSHIP) -> int | None:
    """Bytes this process and its neighbours in the group may use together, None for no limit."""
    limits = []
    for folder in _folders("memory", root, membership):
        for name in ("memory.max", "memory.limit_in_bytes"):
            text = _read(folder / name)
            if text and text != "max":
                limits.append(int(text))
    return min((limit for limit in limits if limit < _NO_MEMORY_LIMIT), default=None)


def _folders(controller: str, root: Path, membership: Path) -> list[Path]:
    """The group this process is in and those around it, in both versions' layouts."""
    folders = [root, root / controller]
    for line in (_read(membership) or "").splitlines():
        _, controllers, group = line.split(":", 2)
        if controllers == "":
            top = root
        elif controller in controllers.split(","):
            top = root / controllers
        else:
            continue
        inner = top / group.lstrip("/")
        folders += [inner, *(folder for folder in inner.parents if folder.is_relative_to(top))]
    return list(dict.fromkeys(folders))


def _read(file: Path) -> str | None:
    try:
        return file.read_text().strip()
    except OSError:
        return None
