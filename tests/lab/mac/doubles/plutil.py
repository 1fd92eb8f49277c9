# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""plutil: -lint, -p, -convert, -extract. Reads with plistlib, the strictest reader at hand."""

import json
import plistlib
from xml.parsers.expat import ExpatError

from .call import Refused, run, unknown

_FORMATS = {"xml1": plistlib.FMT_XML, "binary1": plistlib.FMT_BINARY}


def _load(path):
    try:
        with open(0 if path == "-" else path, "rb", closefd=path != "-") as stream:
            data = stream.read()
    except OSError:
        raise Refused("%s: file does not exist or is not readable or is not a regular file" % path) from None
    try:
        return plistlib.loads(data)
    except (plistlib.InvalidFileException, ExpatError, ValueError, KeyError, IndexError, OverflowError) as error:
        raise Refused("%s: Unexpected character or damaged property list (%s)" % (path, error)) from None


def _dump(value, kind):
    if kind == "json":
        try:
            return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
        except TypeError:
            raise Refused("Invalid object in plist for JSON format") from None
    if kind == "raw":
        if isinstance(value, bool):
            value = "true" if value else "false"
        elif isinstance(value, dict):
            value = "\n".join(value)
        elif isinstance(value, list):
            value = len(value)
        return ("%s\n" % value).encode()
    return plistlib.dumps(value, fmt=_FORMATS[kind], sort_keys=True)


def _pretty(value, indent=0):
    pad = "  " * (indent + 1)
    if isinstance(value, dict):
        inner = "".join('%s"%s" => %s\n' % (pad, k, _pretty(v, indent + 1)) for k, v in sorted(value.items()))
        return "{\n%s%s}" % (inner, "  " * indent)
    if isinstance(value, list):
        inner = "".join("%s%d => %s\n" % (pad, i, _pretty(v, indent + 1)) for i, v in enumerate(value))
        return "[\n%s%s]" % (inner, "  " * indent)
    if isinstance(value, bool):
        return "true" if value else "false"
    return '"%s"' % value if isinstance(value, str) else str(value)


def _output(words):
    """Split [-o PATH] FILE off; return (file, output path)."""
    out = None
    if words[:1] == ["-o"] and len(words) > 2:
        out, words = words[1], words[2:]
    if words[:1] == ["--"]:
        words = words[1:]
    if len(words) == 3 and words[1] == "-o":
        words, out = words[:1], words[2]
    if len(words) != 1:
        raise unknown("plutil", words)
    return words[0], out if out is not None else words[0]


def _write(data, path):
    if path == "-":
        return data
    with open(path, "wb") as stream:
        stream.write(data)
    return None


def _extract(value, keypath):
    for key in keypath.split("."):
        try:
            value = value[int(key)] if isinstance(value, list) else value[key]
        except (KeyError, IndexError, ValueError, TypeError):
            raise Refused("Could not extract value, error: No value at that key path or invalid key path: %s"
                          % keypath) from None  # fmt: skip
    return value


def _lint(files):
    bad, lines = False, []
    for path in files:
        try:
            _load(path)
            lines.append("%s: OK\n" % path)
        except Refused as error:
            bad = True
            lines.append("%s\n" % error)
    if bad:
        raise Refused("".join(lines).rstrip("\n"))
    return "".join(lines)


def main(words):
    verb, rest = (words[0], words[1:]) if words else ("", [])
    if verb == "-lint" or (words and not verb.startswith("-")):
        files = [w for w in (rest if verb == "-lint" else words) if w not in ("-s", "--")]
        said = _lint(files) if files else None
        if said is None:
            raise unknown("plutil", words)
        return "" if "-s" in rest else said
    if verb == "-p" and len(rest) == 1:
        return _pretty(_load(rest[0])) + "\n"
    if verb == "-convert" and len(rest) >= 2 and rest[0] in ("xml1", "binary1", "json"):
        path, out = _output(rest[1:])
        return _write(_dump(_load(path), rest[0]), out)
    if verb == "-extract" and len(rest) >= 3 and rest[1] in ("xml1", "binary1", "json", "raw"):
        path, out = _output(rest[2:])
        # raw goes to standard output, whatever the file is.
        out = "-" if rest[1] == "raw" else out
        return _write(_dump(_extract(_load(path), rest[0]), rest[1]), out)
    raise unknown("plutil", words)


run("plutil", main)
