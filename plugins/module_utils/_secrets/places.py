# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""Which places of a host to look into, as data, and how files are read: bounded, and with whose rights."""

from __future__ import annotations

import collections
import contextlib
import errno
import os
import stat

from ansible_collections.clawops.openclaw.plugins.module_utils._config.identity import acting_as

#: Which host places belong to this Gateway. C(agents_dir) and C(daemons_dir) hold launchd plists, C(operators) are
#: accounts (as C(account): name, uid, gid, home) of people who work on this host, C(path) is the configuration (by
#: default openclaw.json in C(state_dir)), C(pids) are processes of the Gateway that launchd may not know of. C(start)
#: is a function of argv to something like C(subprocess.Popen), where somebody asks launchd other things meanwhile.
Places = collections.namedtuple(
    "Places",
    "account state_dir label daemons_dir agents_dir launchctl operators path pids users_dir global_agents_dir start",
    defaults=((), None, (), "/Users", "/Library/LaunchAgents", None),
)
#: An account whose files are looked at without it having been declared.
Owner = collections.namedtuple("Owner", "name uid gid home")

#: Start files in the home directory that zsh (the macOS default), bash and sh read.
HOME_FILES = (
    ".zshenv",
    ".zprofile",
    ".zshrc",
    ".zlogin",
    ".profile",
    ".bash_profile",
    ".bash_login",
    ".bashrc",
)
SYSTEM_FILES = ("/etc/zshenv", "/etc/zprofile", "/etc/zshrc", "/etc/zlogin", "/etc/profile", "/etc/bashrc")

MAX_BYTES = 4 * 1024 * 1024
#: Entries of a directory that are looked at, and files of one kind that are read.
MAX_ENTRIES = 4096
MAX_FILES = 64
#: Sources of one file that are told.
MAX_FOUND = 64
#: Homes below /Users that are nobody's.
NO_HOMES = ("Shared", "Guest", "Deleted Users")


class Reader:
    """Reads files; what cannot be read is in C(unreadable): dicts of location and reason."""

    def __init__(self):
        self.unreadable = []

    def complain(self, location, reason):
        entry = {"location": location, "reason": reason}
        if entry not in self.unreadable:
            self.unreadable.append(entry)

    def text(self, path, limit=MAX_BYTES):
        """Text of a regular file, or None where there is none or it cannot be read. Odd bytes survive."""
        data = self.data(path, limit)
        return None if data is None else data.decode("utf-8", "surrogateescape")

    def data(self, path, limit=MAX_BYTES):
        """Bytes of a regular file, or None where there is none or it cannot be read. Root follows no link."""
        try:
            # A FIFO must not hold us up, and a link must not turn root's eyes elsewhere.
            with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | _no_links()), "rb") as stream:
                facts = os.fstat(stream.fileno())
                if not stat.S_ISREG(facts.st_mode):
                    self.complain(path, "not a regular file")
                    return None
                data = stream.read(limit + 1) if facts.st_size <= limit else b""
                if facts.st_size > limit or len(data) > limit:
                    self.complain(path, "larger than %d bytes" % limit)
                    return None
                return data
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            link = error.errno == errno.ELOOP
            self.complain(path, "a symbolic link, which is not followed" if link else error.strerror)
            return None

    def names(self, directory):
        """Sorted names in a directory; none where there is no such directory or it cannot be read."""
        try:
            with os.scandir(directory) as entries:
                names = [entry.name for entry, _count in zip(entries, range(MAX_ENTRIES + 1))]
        except (FileNotFoundError, NotADirectoryError):
            return []
        except OSError as error:
            self.complain(directory, error.strerror)
            return []
        if len(names) > MAX_ENTRIES:
            self.complain(directory, "more than %d entries" % MAX_ENTRIES)
        return sorted(names[:MAX_ENTRIES])

    def some(self, directory, names):
        """The paths of the first names; that there are more is complained of."""
        if len(names) > MAX_FILES:
            self.complain(directory, "%d files of one kind, of which %d are looked at" % (len(names), MAX_FILES))
        return [os.path.join(directory, name) for name in names[:MAX_FILES]]


def _no_links():
    return os.O_NOFOLLOW if os.geteuid() == 0 else 0


def other_homes(reader, places):
    """Return the :class:`Owner` of each home in C(users_dir) that is not the Gateway's own."""
    owners = []
    for name in reader.names(places.users_dir):
        home = os.path.join(places.users_dir, name)
        if name.startswith(".") or name in NO_HOMES or home == places.account.home:
            continue
        with contextlib.suppress(OSError):
            facts = os.lstat(home)
            # A home of root's would be read with root's rights, on behalf of whoever may write there.
            if stat.S_ISDIR(facts.st_mode) and facts.st_uid not in (0, places.account.uid):
                owners.append(Owner(name, facts.st_uid, facts.st_gid, home))
    return owners


__all__ = ("HOME_FILES", "SYSTEM_FILES", "Owner", "Places", "Reader", "acting_as", "other_homes")
