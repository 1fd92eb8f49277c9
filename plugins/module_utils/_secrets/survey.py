# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""The rim of :mod:`sources`: which files and commands of this host to ask.

Files of the account are read with the rights of the account. What cannot be read is reported, never skipped silently.
"""

from __future__ import annotations

import collections
import os
import stat
import subprocess

from ansible_collections.clawops.openclaw.plugins.module_utils._config.identity import acting_as
from ansible_collections.clawops.openclaw.plugins.module_utils._secrets import sources
from ansible_collections.clawops.openclaw.plugins.module_utils._secrets.fingerprint import fingerprint

#: Which host places belong to this Gateway. C(agents_dir) and C(daemons_dir) hold launchd plists.
Places = collections.namedtuple("Places", "account state_dir label daemons_dir agents_dir launchctl")

#: Sources found, and places that could not be read: dicts of location and reason.
Found = collections.namedtuple("Found", "sources unreadable")

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
SYSTEM_FILES = ("/etc/zshenv", "/etc/zprofile", "/etc/zshrc", "/etc/profile", "/etc/bashrc")

_MAX_BYTES = 4 * 1024 * 1024
#: launchctl getenv answers at once; this many seconds mean that it hangs.
_LAUNCHCTL_TIMEOUT = 5


def outside_config(places):
    """Return the :class:`Found` of everything on this host that could supply the token, openclaw.json aside."""
    look = _Look(places)
    look.dotenv()
    look.plists()
    look.domain()
    look.shells()
    return Found(look.found, look.unreadable)


class _Look:
    def __init__(self, places):
        self.places = places
        self.found = []
        self.unreadable = []

    def text(self, path):
        data = self.data(path)
        return None if data is None else data.decode("utf-8", "replace")

    def data(self, path):
        """Bytes of a regular file, or None where there is none or it cannot be read."""
        try:
            handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
            with os.fdopen(handle, "rb") as stream:
                facts = os.fstat(stream.fileno())
                if not stat.S_ISREG(facts.st_mode) or facts.st_size > _MAX_BYTES:
                    self.complain(path, "not a regular file of sensible size")
                    return None
                return stream.read()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            self.complain(path, error.strerror)
            return None

    def complain(self, location, reason):
        self.unreadable.append({"location": location, "reason": reason})

    def dotenv(self):
        path = os.path.join(self.places.state_dir, ".env")
        with acting_as(self.places.account):
            text = self.text(path)
        self.found += sources.from_dotenv(text or "", path, True)

    def plists(self):
        """The job's plists, and the env file that belongs to it: live only where a plist hands it to the program."""
        env_file = os.path.join(self.places.state_dir, "service-env", "%s.env" % self.places.label)
        used = [self.plist(path, env_file) for path in self.property_lists(self.places.daemons_dir)]
        with acting_as(self.places.account):
            used += [self.plist(path, env_file) for path in self.property_lists(self.places.agents_dir)]
            text = self.text(env_file)
        self.found += sources.from_dotenv(text or "", env_file, any(used), "service_env")

    def plist(self, path, env_file):
        data = self.data(path)
        if data is None:
            return False
        try:
            found, arguments = sources.from_plist(data, path, self.places.label)
        except ValueError as error:
            if os.path.basename(path) == "%s.plist" % self.places.label:
                self.complain(path, "not a property list: %s" % error)
            return False
        self.found += found
        return env_file in arguments

    def property_lists(self, directory):
        try:
            return [os.path.join(directory, name) for name in sorted(os.listdir(directory)) if name.endswith(".plist")]
        except (FileNotFoundError, NotADirectoryError):
            return []
        except OSError as error:
            self.complain(directory, error.strerror)
            return []

    def domain(self):
        """The environment of the caller's launchd domain: root asks the system's, into which daemons are born."""
        launchctl = self.places.launchctl
        if not os.path.exists(launchctl):
            return
        command = "%s getenv %s" % (launchctl, sources.VARIABLE)
        try:
            # run_command needs an AnsibleModule, which this level knows nothing of, and has no time limit.
            done = subprocess.run(  # pylint: disable=ansible-bad-function
                [launchctl, "getenv", sources.VARIABLE],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                timeout=_LAUNCHCTL_TIMEOUT,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            self.complain(command, type(error).__name__)
            return
        value = done.stdout.decode("utf-8", "replace").strip()
        if done.returncode == 0 and value:
            self.found.append(sources.Source("launchctl", command, None, True, fingerprint(value)))

    def shells(self):
        with acting_as(self.places.account):
            for name in HOME_FILES:
                self.shell(os.path.join(self.places.account.home, name))
        for path in SYSTEM_FILES:
            self.shell(path)

    def shell(self, path):
        text = self.text(path)
        self.found += sources.from_shell(text or "", path)
