# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""dscl: reads users and groups of the local directory; changes nothing."""

import grp
import os
import pwd

from .call import Refused, run, unknown


def _user(entry):
    return {
        "AppleMetaNodeLocation": "/Local/Default", "GeneratedUID": "4C414200-0000-0000-0000-%012d" % entry.pw_uid,
        "NFSHomeDirectory": entry.pw_dir, "PrimaryGroupID": str(entry.pw_gid), "RealName": entry.pw_gecos,
        "RecordName": entry.pw_name, "RecordType": "dsRecTypeStandard:Users", "UniqueID": str(entry.pw_uid),
        "UserShell": entry.pw_shell,
    }  # fmt: skip


def _group(entry):
    return {
        "AppleMetaNodeLocation": "/Local/Default", "GroupMembership": " ".join(entry.gr_mem),
        "PrimaryGroupID": str(entry.gr_gid), "RecordName": entry.gr_name, "RecordType": "dsRecTypeStandard:Groups",
    }  # fmt: skip


_KINDS = {
    "Users": lambda: {e.pw_name: _user(e) for e in pwd.getpwall()},
    "Groups": lambda: {e.gr_name: _group(e) for e in grp.getgrall()},
}


def _missing(path):
    return Refused("<dscl_cmd> DS Error: -14136 (eDSRecordNotFound)", 56) if path else None


def _read(path, keys):
    kind, _slash, name = path.strip("/").partition("/")
    record = _KINDS[kind]().get(name) if kind in _KINDS else None
    if record is None:
        raise _missing(path)
    if not keys:
        return "".join(_line(k, v) for k, v in record.items())
    return "".join(_line(k, record[k]) if k in record else "No such key: %s\n" % k for k in keys)


def _line(key, value):
    # A value with a space goes on a line of its own; of members a list is made.
    return "%s:\n %s\n" % (key, value) if " " in value and key == "RealName" else "%s: %s\n" % (key, value)


def _list(path, keys):
    records = _KINDS[path.strip("/")]()
    if not keys:
        return "".join(name + "\n" for name in sorted(records))
    width = max(len(n) for n in records) + 2
    return "".join("%-*s %s\n" % (width, n, records[n][keys[0]]) for n in sorted(records) if keys[0] in records[n])


def main(words):
    rest = [w for w in words if w not in ("-q",)]
    if len(rest) < 3 or rest[0] not in (".", "/Local/Default", "localhost", "/Search"):
        raise unknown("dscl", words)
    verb, path, keys = rest[1].lstrip("-"), rest[2], rest[3:]
    path = os.path.normpath(path.replace("/Local/Default", ""))
    if verb == "read":
        return _read(path, keys)
    if verb == "list" and path.strip("/") in _KINDS and len(keys) < 2:
        return _list(path, keys)
    raise unknown("dscl", words)


run("dscl", main)
