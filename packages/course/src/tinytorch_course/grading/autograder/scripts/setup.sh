#!/usr/bin/env bash
# Gradescope runs this once, when it builds the image: the environment, and a sandbox if possible.
set -euo pipefail
root=${AUTOGRADER_ROOT:-/autograder}
here=$root/source
wanted=$(cat "$here/python-version")
tell='import sys; print(*sys.version_info[:2], sep=".", end="-" + sys.version_info.releaselevel)'

apt_install() {
    command -v apt-get >/dev/null && apt-get update -qq \
        && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@"
}

# The versions in requirements.txt were chosen for one Python: another might not run them.
make_environment() {
    [ "$("$1" -c "$tell" 2>/dev/null)" = "$wanted-final" ] \
        && "$1" -m venv --clear "$root/venv"
}

make_environment_from_afar() {
    apt_install python3-venv
    python3 -m venv "$root/uv" \
        && "$root/uv/bin/pip" install --quiet uv \
        && UV_PYTHON_INSTALL_DIR=$root/python \
            "$root/uv/bin/uv" venv --clear --seed --python "$wanted" "$root/venv"
}

command -v bwrap >/dev/null || apt_install bubblewrap \
    || echo "bubblewrap could not be installed: submissions are shut in by weaker means, and by the container" >&2

make_environment "python$wanted" \
    || make_environment python3 \
    || { apt_install "python$wanted" "python$wanted-venv" && make_environment "python$wanted"; } \
    || make_environment_from_afar \
    || { echo "there is no Python $wanted here, and none could be installed" >&2; exit 1; }

bash "$here/install.sh" "$root/venv/bin/python"
rm -rf "$here/wheels" # they hold the references, and no submission is to find them
"$root/venv/bin/tinytorch" --version
