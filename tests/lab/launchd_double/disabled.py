# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The disabled database: label -> bool (true = disabled), real plists that survive everything."""

import os
import plistlib

DIRECTORY = "private/var/db/com.apple.xpc.launchd"


class DisabledStore:
    """One file for the system domain, one per uid shared by gui/UID and user/UID.

    Nothing is cached: another writer (System Settings, an old tool) is seen at once.
    """

    def __init__(self, root):
        self._directory = os.path.join(root, DIRECTORY)

    def _path(self, uid):
        name = "disabled.plist" if uid is None else "disabled.%d.plist" % uid
        return os.path.join(self._directory, name)

    def overrides(self, uid):
        """label -> disabled, for the system domain (uid None) or a user's domains."""
        try:
            with open(self._path(uid), "rb") as stream:
                data = plistlib.load(stream)
        except FileNotFoundError:
            return {}
        except Exception:  # plistlib raises whatever its parsers raise; launchd starts over with a broken file
            return {}
        return {label: flag for label, flag in data.items() if isinstance(flag, bool)}

    def set(self, uid, label, flag):
        """Record an override. Returns whether the store changed."""
        data = self.overrides(uid)
        if data.get(label) is flag:
            return False
        data[label] = flag
        os.makedirs(self._directory, mode=0o755, exist_ok=True)
        path = self._path(uid)
        with open(path + ".new", "wb") as stream:
            plistlib.dump(data, stream)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(path + ".new", path)
        return True
