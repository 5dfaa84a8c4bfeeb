#!/usr/bin/env bash
# install.sh PYTHON: installs what is listed in requirements.txt, nothing else and nothing newer.
# Wheels that lie beside it are taken first, so it needs no network if all are there. The course's
# own packages are then taken from there alone, whoever puts packages of the same name on an index.
set -euo pipefail
python=$1
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

install() {
    "$python" -m pip --disable-pip-version-check --no-cache-dir install --quiet --no-deps "$@"
}

mapfile -t course < <(grep '^tinytorch-' "$here/requirements.txt")
mapfile -t libraries < <(grep -v '^tinytorch-' "$here/requirements.txt")
if [ -d "$here/wheels" ]; then
    install --no-index --find-links "$here/wheels" "${course[@]}"
    install --no-index --find-links "$here/wheels" "${libraries[@]}" 2>/dev/null \
        || install --find-links "$here/wheels" "${libraries[@]}"
else
    install "${course[@]}" "${libraries[@]}"
fi
"$python" -m pip --disable-pip-version-check check
