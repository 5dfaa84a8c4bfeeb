"""The limits of control groups, read from folders that look like /sys/fs/cgroup."""

from pathlib import Path

import pytest

from tinytorch.setup.cgroups import cpu_quotas, memory_limit


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "cgroup"


def write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text + "\n")


def membership(tmp_path: Path, *lines: str) -> Path:
    write(tmp_path / "self", "\n".join(lines))
    return tmp_path / "self"


def test_no_control_groups_at_all(root: Path, tmp_path: Path) -> None:
    assert cpu_quotas(root, tmp_path / "none") == []
    assert memory_limit(root, tmp_path / "none") is None


def test_version_2_counts_every_group_around_the_process(root: Path, tmp_path: Path) -> None:
    write(root / "job" / "step" / "cpu.max", "max 100000")
    write(root / "job" / "cpu.max", "150000 100000")
    write(root / "other" / "cpu.max", "1000 100000")
    write(root / "job" / "memory.max", "1073741824")
    write(root / "job" / "step" / "memory.max", "max")
    me = membership(tmp_path, "0::/job/step")
    assert cpu_quotas(root, me) == ["max 100000", "150000 100000"]
    assert memory_limit(root, me) == 2**30


def test_version_2_inside_a_container_shows_its_group_as_the_root(
    root: Path, tmp_path: Path
) -> None:
    write(root / "cpu.max", "50000 100000")
    assert cpu_quotas(root, membership(tmp_path, "0::/")) == ["50000 100000"]


def test_version_1(root: Path, tmp_path: Path) -> None:
    write(root / "cpu,cpuacct" / "docker" / "x" / "cpu.cfs_quota_us", "200000")
    write(root / "cpu,cpuacct" / "docker" / "x" / "cpu.cfs_period_us", "100000")
    write(root / "cpu,cpuacct" / "cpu.cfs_quota_us", "-1")
    write(root / "cpu,cpuacct" / "cpu.cfs_period_us", "100000")
    write(root / "memory" / "memory.limit_in_bytes", "9223372036854771712")
    write(root / "memory" / "docker" / "x" / "memory.limit_in_bytes", "536870912")
    me = membership(tmp_path, "5:memory:/docker/x", "1:cpu,cpuacct:/docker/x", "0::/")
    assert cpu_quotas(root, me) == ["200000 100000", "max 100000"]
    assert memory_limit(root, me) == 2**29


def test_version_1_without_a_limit(root: Path, tmp_path: Path) -> None:
    write(root / "memory" / "memory.limit_in_bytes", "9223372036854771712")
    assert memory_limit(root, membership(tmp_path, "5:memory:/")) is None
