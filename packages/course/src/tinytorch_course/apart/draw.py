"""What is drawn anew for a run, so that no check's inputs can be known beforehand."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Draw:
    salt: int
    files: str
    """Where the checks' own temporary files go: the respondent can read them."""

    def write(self, file: Path) -> None:
        file.write_text(json.dumps(asdict(self)), encoding="utf-8")

    def salt_numpy(self) -> None:
        """Let `np.random.default_rng(7)` give other numbers in each run, the same within one."""
        import numpy as np  # only here: the command reads this file, too, and starts without it

        unsalted: Any = np.random.default_rng

        def default_rng(seed: Any = None) -> np.random.Generator:
            salted = [seed, self.salt] if isinstance(seed, int | np.integer) else seed
            drawn: np.random.Generator = unsalted(salted)
            return drawn

        np.random.default_rng = default_rng


def read(file: Path) -> Draw:
    return Draw(**json.loads(file.read_text(encoding="utf-8")))
