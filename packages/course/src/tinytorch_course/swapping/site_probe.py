"""Run by `environment.py` in a Python of its own: the folders into which that Python installs."""

from __future__ import annotations

import json
import site
import sys
import sysconfig

if __name__ == "__main__":
    own = [sysconfig.get_path("purelib"), sysconfig.get_path("platlib"), *site.getsitepackages()]
    user = site.getusersitepackages() if site.ENABLE_USER_SITE else None
    print(json.dumps({"own": own, "user": user, "prefix": sys.prefix}))
