# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""One job takes the place of others: what they were is kept, they are told to go, and put back when it fails.

Before anything else, all that is needed to put them back is written down in a private directory. A run that is cut off
leaves it there, and the next one goes on from it. When the declared job is up, the directory gets the time for its name
and stays: whoever wants the old job back finds its property list in it, and in C(jobs.json) where it lay and whether
launchd had it.
"""

from __future__ import annotations

import contextlib
import os
import time

from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure
from ansible_collections.clawops.openclaw.plugins.module_utils._service import files, launchd, records, target
from ansible_collections.clawops.openclaw.plugins.module_utils._service.job import Step

#: Directory of a replacement under way, and the file in it; what it is called when it is over.
OPEN, JOBS, CLOSED = "replacing", "jobs.json", "replaced-%s"


def steps(found, is_open):
    """Return the steps that make room.

    An override is set first: after a power cut in between launchd must not start both.

    :param found: list of :class:`rivals.Rival` that make room, with what disables them.
    :param is_open: whether an earlier run was cut off in between.
    :return: (list of :class:`job.Step` before those of the declared job, likewise after them).
    """
    if not found and not is_open:
        return [], []
    before = [Step("note", ("",))] if found else []
    unloaded = set()
    for rival in found:
        if not rival.disabled and not _is_of_place(rival):
            before.append(Step("launchctl", ("disable", rival.override)))
        if rival.loaded is not None and rival.service not in unloaded:
            before.append(Step("launchctl", ("bootout", rival.service)))
            unloaded.add(rival.service)
        if rival.path is not None:
            before.append(Step("take", (rival.path,)))
    return list(dict.fromkeys(before)), [Step("settle", ("",))]


def _is_of_place(rival):
    """Whether it is a second property list of the declared job itself, whose label must not be disabled."""
    return rival.disabled is None and rival.override is None


class Journal:
    """What other jobs were before they made room.

    :param directory: where the past of the declared job is noted.
    :param found: list of :class:`rivals.Rival` that are to make room.
    """

    def __init__(self, directory, found):
        self._directory = directory
        self._found = found
        self._open = os.path.join(directory, OPEN)
        #: Where the property lists are kept in the end; C(None) until then.
        self.closed = None
        noted = records.read(os.path.join(self._open, JOBS)) or {}
        #: What is written down, a mapping for each job, those of a run that was cut off first.
        self.jobs = noted["jobs"] if isinstance(noted.get("jobs"), list) else []
        self.is_open = bool(self.jobs)

    @property
    def place(self):
        """Where it is written down now."""
        return self.closed or self._open

    def begin(self):
        """Write down what they are, with copies of their property lists.

        :raises Failure: it cannot be written down.
        """
        records.make(self._directory)
        records.make(self._open)
        known = {(job["label"], job["domain"], job["path"]) for job in self.jobs}
        for rival in self._found:
            if (rival.label, rival.domain, rival.path) not in known:
                self.jobs.append(self._noted(rival))
        records.write(os.path.join(self._open, JOBS), {"jobs": self.jobs})

    def _noted(self, rival):
        on_disk = files.read_plist(rival.path) if rival.path is not None else files.OnDisk("absent")
        kept = None
        if on_disk.data is not None:
            kept = "%d-%s" % (len(self.jobs) + 1, os.path.basename(rival.path))
            own = files.Holder(os.geteuid(), os.getegid())
            files.write_plist(os.path.join(self._open, kept), on_disk.data, own, own, files.PRIVATE_FILE)
        return {
            "label": rival.label,
            "domain": rival.domain,
            "override": rival.override,
            "kind": rival.kind,
            "path": rival.path,
            "loaded_from": rival.loaded.path or rival.path if rival.loaded is not None else None,
            "loaded": rival.loaded is not None,
            "disabled": bool(rival.disabled),
            "kept": kept,
            "owner": on_disk.owner,
            "mode": on_disk.mode,
            "link": on_disk.link,
        }

    def settle(self):
        """Keep what was written down under the time of day, and call the replacement done."""
        name = CLOSED % time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
        path, number = os.path.join(self._directory, name), 1
        while os.path.lexists(path):
            number += 1
            path = os.path.join(self._directory, "%s-%d" % (name, number))
        try:
            os.rename(self._open, path)
        except OSError as error:
            raise files.failed("cannot rename", self._open, error) from error
        self.closed = path

    def put_back(self, actor_for):
        """Make the other jobs what they were, the last one first, and forget that they ever made room.

        :param actor_for: function of a :class:`target.Target` to an :class:`act.Actor`.
        :raises Failure: one of them could not be put back; what is written down stays.
        """
        for job in reversed(self.jobs):
            _put_back(job, self._on_disk(job), actor_for)
        with contextlib.suppress(OSError):
            # This first: without it the directory means nothing.
            os.unlink(os.path.join(self._open, JOBS))
            for name in os.listdir(self._open):
                os.unlink(os.path.join(self._open, name))
            os.rmdir(self._open)
            os.rmdir(self._directory)
        self.jobs = []

    def _on_disk(self, job):
        data = None
        if job["kept"] is not None:
            path = os.path.join(self._open, job["kept"])
            try:
                with open(path, "rb") as stream:
                    data = stream.read()
            except OSError as error:
                raise files.failed("cannot read", path, error) from error
        owner = tuple(job["owner"]) if job["owner"] is not None else None
        return files.OnDisk("file", owner=owner, mode=job["mode"], data=data, link=job["link"])

    def told(self):
        """Return what was replaced, for the result: one mapping for each job."""
        return [_told(job, self.closed) for job in self.jobs]


def foretold(found):
    """Return what :meth:`Journal.told` would say, as far as that is known before."""
    return [
        {
            "label": rival.label,
            "domain": rival.domain,
            "kind": rival.kind,
            "path": rival.path,
            "loaded": rival.loaded is not None,
            "kept": None,
            "restore": [],
        }
        for rival in found
    ]


def _told(job, directory):
    kept = os.path.join(directory, job["kept"]) if directory and job["kept"] is not None else None
    commands = []
    if kept is not None:
        uid, gid = job["owner"]
        commands.append(
            "sudo install -m %04o -o %d -g %d '%s' '%s'" % (job["mode"], uid, gid, kept, job["path"])
        )
    elif job["link"] is not None:
        commands.append("sudo ln -s '%s' '%s'" % (job["link"], job["path"]))
    if job["override"] is not None and not job["disabled"]:
        commands.append("sudo launchctl enable %s" % job["override"])
    if job["loaded"]:
        commands.append("sudo launchctl bootstrap %s '%s'" % (job["domain"], job["loaded_from"]))
    told = {key: job[key] for key in ("label", "domain", "kind", "path", "loaded")}
    return dict(told, kept=kept, restore=commands)


def _put_back(job, on_disk, actor_for):
    if job["path"] is not None and not os.path.lexists(job["path"]):
        files.restore(job["path"], on_disk)
    if job["override"] is None:
        return
    source = job["loaded_from"] or job["path"] or ""
    owner = on_disk.owner or (0, 0)
    actor = actor_for(target.elsewhere(job["domain"], job["label"], source, owner))
    if not job["disabled"]:
        actor.carry_out(Step("launchctl", ("enable", job["override"])))
    if job["loaded"] and actor.look() is None:
        actor.carry_out(Step("launchctl", ("bootstrap", job["domain"], source)))
        if actor.look() is None:
            raise Failure(
                "job_not_loaded",
                "launchd accepted %s and does not have %s/%s." % (source, job["domain"], job["label"]),
                "service",
                "sudo launchctl bootstrap %s %s" % (job["domain"], source),
                target="%s/%s" % (job["domain"], job["label"]),
            )
    if job["loaded"] and job["disabled"]:
        # It ran on although its label was disabled; loading it again took that away.
        actor.carry_out(Step("launchctl", ("disable", job["override"])))


def with_overrides(launchctl, found, place):
    """Return the rivals with what disables them; a second property list of the declared job itself has nothing.

    :param place: :class:`target.Target` of the declared job.
    :raises Failure: C(denied), C(launchd_unclear).
    """
    return [
        rival._replace(override=None, disabled=None)
        if rival.service == place.service
        else rival._replace(
            disabled=bool(
                launchd.is_disabled(launchctl, target.elsewhere(rival.domain, rival.label, rival.path or "", (0, 0)))
            )
        )
        for rival in found
    ]


def _there(rival):
    loaded = ["loaded"] if rival.loaded is not None else []
    return loaded + (["defined by " + rival.path] if rival.path is not None else [])


def diff(found, directory):
    """Return (before, after) of the jobs that make room, as lines of text."""
    before = ["%s: %s\n" % (rival.service, ", ".join(_there(rival))) for rival in found]
    after = ["%s: kept below %s\n" % (rival.service, directory) for rival in found]
    return "".join(before), "".join(after)
