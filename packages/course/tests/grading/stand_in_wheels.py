"""Wheels with nothing in them, and one with a `tinytorch` that does what a test tells it to."""

from __future__ import annotations

import zipfile
from pathlib import Path

GRADER = '''\
import json, os, sys, time
from pathlib import Path

def main():
    """Notes its arguments, and does what STAND_IN says."""
    if sys.argv[1:] == ["--version"]:
        return
    told = {"arguments": sys.argv[1:], "home": os.environ["TINYTORCH_HOME"]}
    Path(os.environ["NOTE"]).write_text(json.dumps(told))
    output = Path(sys.argv[sys.argv.index("--output") + 1])
    exec(os.environ["STAND_IN"])
'''


def write(folder: Path, requirements: list[str]) -> None:
    folder.mkdir()
    for line in requirements:
        name, version = line.split("==")
        is_command = name == "tinytorch-course"
        files = {"stand_in.py": GRADER} if is_command else {}
        script = "[console_scripts]\ntinytorch = stand_in:main\n" if is_command else ""
        _write_wheel(folder, name.replace("-", "_"), version, files, script)


def _write_wheel(folder: Path, name: str, version: str, files: dict[str, str], script: str) -> None:
    info = f"{name}-{version}.dist-info"
    files = {
        **files,
        f"{info}/METADATA": f"Metadata-Version: 2.4\nName: {name}\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/entry_points.txt": script,
    }
    record = "".join(f"{path},,\n" for path in (*files, f"{info}/RECORD"))
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as wheel:
        for path, text in {**files, f"{info}/RECORD": record}.items():
            wheel.writestr(path, text)
