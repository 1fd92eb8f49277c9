# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""dscl: reads users and groups of the local directory, and makes users or gives them attributes."""

import grp
import os
import plistlib
import pwd

from .call import Refused, run, unknown

#: Where a Mac keeps users: a file each. What passwd has no place for is only there.
_RECORDS = "/private/var/db/dslocal/nodes/Default/users"
_PASSWD = "/private/etc/passwd"
#: What makes a user: without one of these nobody sees it.
_NEEDED = ("UniqueID", "PrimaryGroupID", "NFSHomeDirectory", "UserShell")
_SETTABLE = (*_NEEDED, "RealName", "IsHidden", "Password")
_NATIVE = ("IsHidden",)


def _record(name):
    try:
        with open("%s/%s.plist" % (_RECORDS, name), "rb") as stream:
            return plistlib.load(stream)
    except OSError:
        return {}


def _create(path, rest):
    kind, _slash, name = path.strip("/").partition("/")
    if kind != "Users" or not name or "/" in name or len(rest) not in (0, 2) or (rest and rest[0] not in _SETTABLE):
        raise unknown("dscl", [".", "-create", path, *rest])
    if os.geteuid() != 0:
        raise Refused("<main> attribute status: eDSPermissionError\n"
                      "<dscl_cmd> DS Error: -14120 (eDSPermissionError)", 40)  # fmt: skip
    known = {e.pw_name: e for e in pwd.getpwall()}
    record = {k: v for k, v in _user(known[name]).items() if k in _SETTABLE} if name in known else {}
    record = dict(record, **_record(name), **({rest[0]: rest[1]} if rest else {}))
    os.makedirs(_RECORDS, 0o700, exist_ok=True)
    with open("%s/%s.plist" % (_RECORDS, name), "wb") as stream:
        plistlib.dump(record, stream)
    if all(key in record for key in _NEEDED):
        _publish(name, record)


def _publish(name, record):
    with open(_PASSWD, encoding="utf-8") as stream:
        lines = [line for line in stream.read().splitlines() if not line.startswith(name + ":")]
    fields = (name, "x", record["UniqueID"], record["PrimaryGroupID"], record.get("RealName", ""),
              record["NFSHomeDirectory"], record["UserShell"])  # fmt: skip
    with open(_PASSWD + ".lab-new", "w", encoding="utf-8") as stream:
        stream.write("\n".join([*lines, ":".join(fields)]) + "\n")
    os.replace(_PASSWD + ".lab-new", _PASSWD)


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
    "Users": lambda: {e.pw_name: dict(_user(e), **_record(e.pw_name)) for e in pwd.getpwall()},
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
    key = "dsAttrTypeNative:" + key if key in _NATIVE else key
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
    if verb == "create":
        return _create(path, keys)
    if verb == "list" and path.strip("/") in _KINDS and len(keys) < 2:
        return _list(path, keys)
    raise unknown("dscl", words)


run("dscl", main)
