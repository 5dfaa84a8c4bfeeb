"""`unshare`, of util-linux: the same in a shell script, where bubblewrap is not installed.

The script makes a new root of what the enclosure names, moves into it, gives up every capability,
forbids namespaces
within it, and runs the command. Its first argument is the folder that becomes the root.
"""

from __future__ import annotations

from pathlib import Path

from tinytorch_course.grading.sandbox.enclosure import LARGEST_SCRATCH, MOST_FILES, Enclosure

NEW_ROOT = "/mnt"
"""Any folder that exists everywhere: what is mounted over it is seen by this process alone."""
OPEN = """
set -e
PATH=/usr/sbin:/usr/bin:/sbin:/bin
root=$1; shift
mount -t tmpfs tmpfs "$root"
show() {
    if [ -L "$1" ]; then mkdir -p "$root${1%/*}"; ln -s "$(readlink "$1")" "$root$1"; return; fi
    if [ -d "$1" ]; then mkdir -p "$root$1"
    elif [ ! -e "$root$1" ]; then mkdir -p "$root${1%/*}"; : > "$root$1"; fi
    mount --rbind "$1" "$root$1"
}
lock() { [ -L "$root$1" ] || mount -o remount,bind,ro,nosuid "$root$1"; }
hide() {
    if [ -d "$root$1" ]; then mount -t tmpfs -o ro tmpfs "$root$1"
    else mount --bind /dev/null "$root$1"; fi
}
scratch() {
    mkdir -p "$root$1"
    mount -t tmpfs -o "nosuid,nodev,mode=700,size=$2,nr_inodes=$3" tmpfs "$root$1"
}
"""
CLOSE = """
mkdir -p "$root/proc" "$root/old"
mount -t proc proc "$root/proc"
echo 0 > "$root/proc/sys/user/max_user_namespaces"
cd "$root"
pivot_root . old
umount -l /old
mount -o remount,bind,ro /
cd "$1"; shift
exec setpriv --no-new-privs --bounding-set=-all --inh-caps=-all "$@"
"""


class Namespaces:
    name = "unshare"
    explanation = "own files, processes and network (namespaces)"
    is_wall = True

    def command(self, enclosure: Enclosure) -> list[str]:
        """A link, such as /bin, is shown as a link; devices are those of the machine, read-only."""
        devices = [f"/dev/{name}" for name in ("null", "zero", "random", "urandom")]
        lines = [f"show {_quoted(path)}" for path in enclosure.system]
        lines += [f"lock {_quoted(path)}" for path in enclosure.system]
        lines += [f"hide {_quoted(path)}" for path in enclosure.hidden]
        for path in enclosure.readable:
            lines += [f"show {_quoted(path)}", f"lock {_quoted(path)}"]
        lines.append(f"scratch {_quoted(enclosure.scratch)} {LARGEST_SCRATCH} {MOST_FILES}")
        lines += [f"show {_quoted(each)}" for each in [*enclosure.writable, *map(Path, devices)]]
        script = OPEN + "\n".join(lines) + CLOSE
        new = ("--user", "--map-root-user", "--mount", "--net", "--pid", "--ipc", "--uts")
        ends_with_us = ("setpriv", "--pdeathsig", "KILL")
        unshare = [*ends_with_us, "unshare", *new, "--fork", "--kill-child=KILL"]
        return [*unshare, "sh", "-c", script, "sh", NEW_ROOT, str(enclosure.scratch)]


def _quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "'\\''") + "'"
