# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""Looks at a Gateway's unit: files, manager, process, and who else would run it. Changes nothing."""

from __future__ import annotations

import os
import re
import stat
from typing import NamedTuple

from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure
from ansible_collections.clawops.openclaw.plugins.module_utils._service import files
from ansible_collections.clawops.openclaw.plugins.module_utils._units import definition, grammar, place, show

_WANTS = re.compile(r".+\.(?:wants|requires)\Z")
#: Largest file read. Real ones are a few KiB.
LIMIT = 1 << 20


class OnDisk(NamedTuple):
    """The unit file as it lies there.

    :param kind: C(absent), C(file), C(masked), C(symlink) or C(other).
    :param said: as of :func:`grammar.parse`, or C(None).
    :param text: its text, or C(None).
    :param owner: (uid, gid), or C(None).
    :param mode: permission bits, or C(None).
    """

    kind: str
    said: dict | None = None
    text: str | None = None
    owner: tuple | None = None
    mode: int | None = None


class Observed(NamedTuple):
    """A unit as found.

    :param lingers: whether the account's manager starts at boot.
    :param has_manager: whether it runs.
    :param loaded: :class:`show.Loaded`; :data:`show.UNKNOWN` without a manager.
    :param on_disk: :class:`OnDisk`.
    :param drop_ins: path -> text of the account's own drop-ins.
    :param links: the account's links by which something starts the unit.
    :param stamp: what the process says of the definition it was started with, empty when it says nothing; C(None) when
        there is no process, or it cannot be looked into.
    :param lacks: list of :class:`files.Lack`.
    """

    lingers: bool
    has_manager: bool
    loaded: show.Loaded
    on_disk: OnDisk
    drop_ins: dict
    links: list
    stamp: str | None
    lacks: list


def _text(path):
    # A FIFO must not hold us up.
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW), "rb") as stream:
        return stream.read(LIMIT).decode("utf-8", "surrogateescape")


def read_unit(path):
    """Look at a unit file without following a symbolic link.

    :raises Failure: C(denied) or C(write_failed) when it cannot be looked at.
    """
    try:
        status = os.lstat(path)
        if stat.S_ISLNK(status.st_mode):
            return OnDisk("masked" if os.readlink(path) == os.devnull else "symlink")
        if not stat.S_ISREG(status.st_mode):
            return OnDisk("other")
        text = _text(path)
    except (FileNotFoundError, NotADirectoryError):
        return OnDisk("absent")
    except OSError as error:
        raise files.failed("cannot read", path, error) from error
    return OnDisk(
        "file", grammar.parse(text), text, (status.st_uid, status.st_gid), stat.S_IMODE(status.st_mode)
    )  # fmt: skip


def _listed(directory):
    try:
        return sorted(os.listdir(directory))
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise files.failed("cannot list", directory, error) from error


def drop_ins(home):
    """Return the account's own drop-ins for its unit, path -> text.

    :param home: :class:`place.Place`.
    """
    found = {}
    for directory in home.drop_in_directories:
        for name in _listed(directory):
            path = os.path.join(directory, name)
            if name.endswith(".conf"):
                try:
                    found[path] = "" if os.path.islink(path) else _text(path)
                except OSError as error:
                    raise files.failed("cannot read", path, error) from error
    return found


def links(directory, name):
    """Return the links below a directory of units by which something starts a unit."""
    return [
        os.path.join(directory, wants, name)
        for wants in _listed(directory)
        if _WANTS.match(wants) and os.path.islink(os.path.join(directory, wants, name))
    ]


def environment_of(pid):
    """Return the environment that a process was started with, or C(None) when it cannot be read."""
    try:
        with open("/proc/%d/environ" % pid, "rb") as stream:
            pairs = stream.read(LIMIT).decode("utf-8", "surrogateescape").split("\0")
    except OSError:
        return None
    return dict(pair.partition("=")[::2] for pair in pairs if pair)


def observe(systemd, home, log_path):
    """Look at a unit from all sides.

    :param systemd: :class:`systemctl.Systemd`.
    :param home: :class:`place.Place`.
    :param log_path: where its log shall be, or C(None) when that is not declared or does not matter.
    :return: :class:`Observed`.
    """
    loaded = systemd.ask(home.name, show.PROPERTIES)
    process = environment_of(loaded.pid) if loaded is not None and loaded.pid else None
    lacks = files.lacks(log_path, home.account) if log_path else []
    lacks += [lack for lack in files.lacks_above(home.link) if lack not in lacks]
    return Observed(
        lingers=os.path.exists(home.linger),
        has_manager=loaded is not None,
        loaded=loaded or show.UNKNOWN,
        on_disk=read_unit(home.unit),
        drop_ins=drop_ins(home),
        links=links(home.directory, home.name),
        stamp=process.get(definition.STAMP, "") if process is not None else None,
        lacks=lacks,
    )


def refuse_second_home(systemd, home, state_dir):
    """Refuse to go on when systemd would run the same Gateway from somewhere else too.

    :raises Failure: C(label_in_other_scope) naming the place and what clears it.
    """
    for directory in home.system_directories:
        path = os.path.join(directory, home.name)
        if os.path.lexists(path) and os.path.realpath(path) != os.devnull:
            raise Failure(
                "label_in_other_scope",
                "the system manager has a unit %s as well, from %s; systemd would run two Gateways."
                % (home.name, path),
                "service",
                "stop and remove that one first: sudo systemctl disable --now %s && sudo rm %s" % (home.name, path),
                path=path,
            )
    for name in _listed(home.directory):
        path = os.path.join(home.directory, name)
        if name == home.name or not place.OF_OPENCLAW.match(name) or not _is_same_gateway(path, home, state_dir):
            continue
        loaded = systemd.ask(name, show.PROPERTIES)
        if links(home.directory, name) or (loaded is not None and loaded.is_engaged):
            words = ("systemctl", "--user", "disable", "--now", name)
            raise Failure(
                "label_in_other_scope",
                "OpenClaw has installed %s for this very Gateway (state directory %s); systemd would run two."
                % (path, state_dir),
                "service",
                "stop it first: %s ; or manage that unit itself, with label: %s"
                % (systemd.by_hand(words), name.rpartition(".")[0]),
                path=path,
            )


def _is_same_gateway(path, home, state_dir):
    said = read_unit(path).said
    if said is None:
        return False
    pairs = [word.partition("=")[::2] for value in said.get("Service.Environment", []) for word in grammar.words(value)]
    environment = {name: value.replace("%h", home.account.home) for name, value in pairs}
    return place.state_directory(os.path.basename(path), environment, home.account.home) == os.path.normpath(state_dir)
