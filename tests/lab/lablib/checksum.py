# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Prove that a host's disk did not change: one line per file, and a sum over all. Runs inside the host (Python 3.9)."""

import hashlib
import os
import stat
import sys

#: What changes by itself on every system that runs.
NOT_COUNTED = ("/private/var/log",)
#: Mounted from the host's own tree on the sealed /usr.
ALSO = ("/usr/local",)


def _mount_points():
    with open("/proc/self/mountinfo", encoding="utf-8") as lines:
        return {line.split()[4] for line in lines} - {"/"}


def _content(path, info):
    if stat.S_ISLNK(info.st_mode):
        return os.readlink(path)
    if stat.S_ISREG(info.st_mode):
        with open(path, "rb") as stream:
            return hashlib.sha256(stream.read()).hexdigest()
    return "-"


def _line(path):
    try:
        info = os.lstat(path)
        content = _content(path, info)
    except FileNotFoundError:
        # Listed, and gone before it was read: somebody is at work, which is a difference in itself.
        return "%s gone" % path
    # A directory's time tells of files that came and went.
    owner = "%d:%d" % (info.st_uid, info.st_gid)
    return "%s %06o %s %d %s" % (path, info.st_mode, owner, info.st_mtime_ns, content)


def lines():
    """Yield a line for everything on the host's disk, in a fixed order."""
    skip = _mount_points() | set(NOT_COUNTED)
    for top in ("/",) + ALSO:
        yield _line(top)
        for directory, names, files in os.walk(top):
            names.sort()
            for name in sorted(names + files):
                path = os.path.join(directory, name)
                if path not in skip:
                    yield _line(path)
            names[:] = [n for n in names if os.path.join(directory, n) not in skip]


def main(words):
    found = list(lines())
    if words == ["list"]:
        print("\n".join(found))
    else:
        print(hashlib.sha256("\n".join(found).encode("utf-8", "surrogateescape")).hexdigest())


main(sys.argv[1:])
