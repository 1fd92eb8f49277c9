# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""security: generic passwords in a keychain that is locked for everybody but a GUI session.

Exit codes are OSStatus & 0xff, as those of the real program. A keychain is a JSON file under the real name, the
passwords in it encoded, since a real one is encrypted. The system's is open, read by everybody and written by root.
"""

import base64
import json
import os
import pwd
import shlex
import sys

from .call import Refused, run, unknown

_NOT_FOUND = Refused("security: SecKeychainSearchCopyNext: The specified item could not be found in the keychain.", 44)
_LOCKED = Refused("security: SecKeychainItemCopyContent: User interaction is not allowed.", 36)
_DUPLICATE = Refused("security: SecKeychainItemCreateFromContent (<default>): The specified item already exists in the "
                     "keychain.", 45)  # fmt: skip
_NO_KEYCHAIN = Refused("security: SecKeychainCopySettings: The specified keychain could not be found.", 50)
_READ_ONLY = Refused("security: SecKeychainItemCreateFromContent (%s): Write permissions error.", 195)
SYSTEM = "/Library/Keychains/System.keychain"


def _default():
    if os.geteuid() == 0:
        return SYSTEM
    return os.path.join(pwd.getpwuid(os.geteuid()).pw_dir, "Library/Keychains/login.keychain-db")


def _items(path):
    try:
        with open(path, encoding="utf-8") as stream:
            return json.load(stream)
    except FileNotFoundError:
        return []


def _save(path, items):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644 if path == SYSTEM else 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        json.dump(items, stream)


def _marker(path):
    return "/private/tmp/.lab-unlocked-%d-%s" % (os.geteuid(), path.replace("/", "%"))


def _is_open(path):
    try:
        console = os.stat("/dev/console").st_uid
    except OSError:
        console = 0
    return path == SYSTEM or os.path.exists(_marker(path)) or (console != 0 and console == os.geteuid())


def _options(words, with_value, flags):
    """Split words into {option: value}, the flags given, and the rest."""
    values, given, rest, i = {}, set(), [], 0
    while i < len(words):
        if words[i] in with_value and i + 1 < len(words):
            values[words[i]] = words[i + 1]
            i += 1
        elif words[i] in flags:
            given.add(words[i])
        elif words[i].startswith("-"):
            raise unknown("security", words)
        else:
            rest.append(words[i])
        i += 1
    if len(rest) > 1:
        raise unknown("security", words)
    return values, given, rest[0] if rest else _default()


def _matches(item, values):
    return all(item.get(key) == values[key] for key in ("-s", "-a") if key in values)


def _find(words):
    values, given, path = _options(words, ("-s", "-a"), ("-w", "-g"))
    item = next((i for i in _items(path) if _matches(i, values)), None)
    if item is None:
        raise _NOT_FOUND
    if "-w" in given:
        if not _is_open(path):
            raise _LOCKED
        return base64.b64decode(item["-w"]).decode() + "\n"
    head = 'keychain: "%s"\nversion: 512\nclass: "genp"\nattributes:\n' % path
    return head + '    "acct"<blob>="%s"\n    "svce"<blob>="%s"\n' % (item.get("-a", ""), item.get("-s", ""))


def _add(words):
    values, given, path = _options(words, ("-s", "-a", "-w", "-l", "-T", "-j"), ("-U", "-A"))
    if "-w" not in values or "-s" not in values or "-a" not in values:
        raise unknown("security", words)
    _require_writable(path)
    items = _items(path)
    same = [i for i in items if _matches(i, values)]
    if same and "-U" not in given:
        raise _DUPLICATE
    item = dict({k: values[k] for k in ("-s", "-a")}, **{"-w": base64.b64encode(values["-w"].encode()).decode()})
    _save(path, [i for i in items if i not in same] + [item])


def _require_writable(path):
    if not _is_open(path):
        raise _LOCKED
    if path == SYSTEM and os.geteuid() != 0:
        raise Refused(str(_READ_ONLY) % path, _READ_ONLY.code)


def _delete(words):
    values, _given, path = _options(words, ("-s", "-a"), ())
    items = _items(path)
    kept = [i for i in items if not _matches(i, values)]
    if len(kept) == len(items):
        raise _NOT_FOUND
    _require_writable(path)
    _save(path, kept)
    return "password has been deleted.\n"


def _unlock(words):
    _values, _given, path = _options(words, ("-p",), ())
    open(_marker(path), "w").close()


def _lock(words):
    _values, _given, path = _options(words, (), ())
    if os.path.exists(_marker(path)):
        os.unlink(_marker(path))


def _info(words):
    _values, _given, path = _options(words, (), ())
    if not os.path.exists(path) and path != _default():
        raise _NO_KEYCHAIN
    if not _is_open(path):
        raise Refused("security: SecKeychainCopySettings %s: User interaction is not allowed." % path, 36)
    # The real program says this on stderr, with exit code 0.
    os.write(2, b'Keychain "%s" no-timeout\n' % os.fsencode(path))


_VERBS = {
    "find-generic-password": _find, "add-generic-password": _add, "delete-generic-password": _delete,
    "unlock-keychain": _unlock, "lock-keychain": _lock, "show-keychain-info": _info,
}  # fmt: skip


def _interactive(words):
    """Commands from the input, a line each, so that nothing of them is in the process list."""
    if len(words) > 1:
        raise unknown("security", words)
    said, code = [], 0
    for line in sys.stdin:
        command = shlex.split(line)
        if not command:
            continue
        if command[0] not in _VERBS:
            raise unknown("security", ["(a line of its input)"])
        try:
            said.append(_VERBS[command[0]](command[1:]) or "")
            code = 0
        except Refused as refusal:
            code = refusal.code
            os.write(2, ("%s\n%s: returned %d\n" % (refusal, command[0], code)).encode())
    if code:
        raise Refused("", code)
    return "".join(said)


def main(words):
    if words[:1] == ["-i"]:
        return _interactive(words)
    if not words or words[0] not in _VERBS:
        raise unknown("security", words)
    return _VERBS[words[0]](words[1:])


run("security", main, secret_options=("-w", "-p"))
