# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""tmutil: whether Time Machine leaves something out, by the mark on the thing itself. It knows no -p."""

import errno
import os

from .call import Refused, run, unknown

_MARK = "com.apple.metadata:com_apple_backup_excludeItem"
#: Linux keeps what anybody may set apart.
_NAME = "user." + _MARK


def _is_marked(path):
    while True:
        try:
            os.getxattr(path, _NAME)
        except OSError as error:
            if error.errno != errno.ENODATA:
                raise
        else:
            return True
        if path == "/":
            return False
        path = os.path.dirname(path)


def _change(verb, path):
    if not os.path.lexists(path):
        raise Refused("%s: Error (-43) while attempting to change exclusion setting." % path)
    if os.geteuid() not in (0, os.stat(path).st_uid):
        raise unknown("tmutil", [verb, path])
    if verb == "addexclusion":
        os.setxattr(path, _NAME, b"bplist00_com.apple.backupd")
    else:
        try:
            os.removexattr(path, _NAME)
        except OSError as error:
            if error.errno != errno.ENODATA:
                raise
            raise Refused("%s: Error (-43) while attempting to change exclusion setting." % path) from None


def main(words):
    if len(words) == 2 and os.path.isabs(words[1]):
        verb, path = words
        if verb in ("addexclusion", "removeexclusion"):
            return _change(verb, path)
        if verb == "isexcluded" and os.path.lexists(path):
            return "[%s]    %s\n" % ("Excluded" if _is_marked(path) else "Included", path)
    raise unknown("tmutil", words)


run("tmutil", main)
