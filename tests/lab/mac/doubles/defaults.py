# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""defaults: read, read-type, write and delete of one key, in the file that the domain means."""

import os
import plistlib

from .call import Refused, run, unknown


def _bool(word):
    return {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}[word.lower()]


_TYPES = {
    "-string": lambda w: w, "-int": int, "-integer": int, "-float": float,
    "-bool": _bool, "-boolean": _bool,
}  # fmt: skip
_NAMES = {str: "string", bool: "boolean", int: "integer", float: "float", list: "array", dict: "dictionary",
          bytes: "data"}  # fmt: skip


def _file(domain):
    if domain in ("NSGlobalDomain", "-g", "-globalDomain"):
        domain = ".GlobalPreferences"
    if domain.startswith("/"):
        return domain if domain.endswith(".plist") else domain + ".plist"
    return os.path.join(os.path.expanduser("~"), "Library/Preferences", domain + ".plist")


def _load(domain):
    try:
        with open(_file(domain), "rb") as stream:
            return plistlib.load(stream)
    except FileNotFoundError:
        return {}


def _show(value, indent=0):
    pad = "    " * (indent + 1)
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, dict):
        rows = "".join("%s%s = %s;\n" % (pad, _quoted(k), _show(v, indent + 1)) for k, v in sorted(value.items()))
        return "{\n%s%s}" % (rows, "    " * indent)
    if isinstance(value, list):
        return "(\n%s\n%s)" % (",\n".join(pad + _show(v, indent + 1) for v in value), "    " * indent)
    return _quoted(str(value)) if indent else str(value)


def _quoted(text):
    return text if text.isalnum() else '"%s"' % text


def _save(domain, settings):
    path = _file(domain)
    try:
        with open(path + ".lab-new", "wb") as stream:
            plistlib.dump(settings, stream, fmt=plistlib.FMT_BINARY)
        os.replace(path + ".lab-new", path)
    except OSError:
        raise Refused("Could not write domain %s; exiting" % domain) from None


def _read(domain, keys):
    settings = _load(domain)
    if not keys:
        if not settings:
            raise Refused("Domain %s does not exist" % domain)
        return _show(settings) + "\n"
    if keys[0] not in settings:
        raise Refused("The domain/default pair of (%s, %s) does not exist" % (domain, keys[0]))
    return _show(settings[keys[0]]) + "\n"


def main(words):
    verb, domain, rest = (words + ["", ""])[0], (words + ["", ""])[1], words[2:]
    if verb == "read" and domain and len(rest) < 2:
        return _read(domain, rest)
    if verb == "read-type" and len(rest) == 1:
        _read(domain, rest)
        return "Type is %s\n" % _NAMES[type(_load(domain)[rest[0]])]
    if verb == "write" and (len(rest) == 2 or (len(rest) == 3 and rest[1] in _TYPES)):
        try:
            value = _TYPES[rest[1]](rest[2]) if len(rest) == 3 else rest[1]
        except (KeyError, ValueError):
            raise unknown("defaults", words) from None
        return _save(domain, dict(_load(domain), **{rest[0]: value}))
    if verb == "delete" and len(rest) == 1:
        _read(domain, rest)
        return _save(domain, {k: v for k, v in _load(domain).items() if k != rest[0]})
    raise unknown("defaults", words)


run("defaults", main)
