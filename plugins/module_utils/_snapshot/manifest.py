# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""What a snapshot is: entries, jobs, and what tells one from another. Pure."""

from __future__ import annotations

import hashlib
import json
from typing import NamedTuple

SCHEMA = 1


class Entry(NamedTuple):
    """One path.

    :param kind: C(absent); C(file), with content; C(kept), a file of which only mode and owner belong to the snapshot;
        C(directory); C(link); C(other), a FIFO, a socket or a device, of which a snapshot only says that it was there.
    :param digest: of the content of a C(file), else None. :param target: of a C(link), else None.
    """

    path: str
    kind: str
    mode: int | None = None
    uid: int | None = None
    gid: int | None = None
    digest: str | None = None
    target: str | None = None

    def told(self):
        """Return the entry as one line for persons: no content, of a digest what tells two apart."""
        if self.kind == "absent":
            return "%s absent" % self.path
        words = [self.path, self.kind, "%04o" % (self.mode or 0), "%s:%s" % (self.uid, self.gid)]
        words += [self.digest[: len("sha256:") + 12]] if self.digest else []
        words += ["-> " + self.target] if self.target else []
        return " ".join(words)


class Job(NamedTuple):
    """What launchd does with a label in a scope. C(plist) is where its definition lies.

    C(loaded) and C(disabled) are None where launchd has no such domain, so that nothing can be loaded there.
    """

    label: str
    scope: str
    plist: str
    loaded: bool | None
    disabled: bool | None

    def told(self):
        """Return the job as one line for persons."""
        words = {True: "loaded", False: "not loaded", None: "no domain"}[self.loaded]
        return "launchd %s %s %s%s" % (self.scope, self.label, words, ", disabled" if self.disabled else "")


class Manifest(NamedTuple):
    """A snapshot without its contents.

    :param about: mapping of C(taken) (ISO 8601, UTC), C(reason), C(openclaw_version), C(user), C(label), C(state_dir),
        C(root), C(sound) (whether openclaw.json could be parsed).
    :param entries: tuple of :class:`Entry`, by path. :param jobs: tuple of :class:`Job`.
    """

    about: dict
    entries: tuple
    jobs: tuple

    @property
    def digest(self):
        """Digest of what a restore would bring about: two snapshots of the same state have the same."""
        state = [[list(one) for one in part] for part in (self.entries, self.jobs)]
        return "sha256:" + hashlib.sha256(json.dumps(state, sort_keys=True).encode("utf-8")).hexdigest()

    @property
    def name(self):
        """Name of the snapshot: when it was taken, and the beginning of its digest."""
        taken = self.about["taken"].replace("-", "").replace(":", "")
        return "%s-%s" % (taken, self.digest[len("sha256:") :][:8])


def dumps(manifest):
    """Return a manifest as text, with the digest of its own state, so that damage is noticed."""
    document = {
        "schema": SCHEMA,
        "about": manifest.about,
        "digest": manifest.digest,
        "entries": [entry._asdict() for entry in manifest.entries],
        "jobs": [job._asdict() for job in manifest.jobs],
    }
    return json.dumps(document, indent=1, sort_keys=True) + "\n"


def loads(text):
    """Return the :class:`Manifest` of a text.

    :raises ValueError: it is no manifest, of another schema, or not as it was written.
    """
    document = json.loads(text)
    if not isinstance(document, dict) or document.get("schema") != SCHEMA:
        raise ValueError("it is no snapshot of schema %d" % SCHEMA)
    try:
        entries = tuple(Entry(**entry) for entry in document["entries"])
        jobs = tuple(Job(**job) for job in document["jobs"])
        manifest = Manifest(dict(document["about"]), entries, jobs)
        sound = manifest.digest == document["digest"]
    except (KeyError, TypeError) as error:
        raise ValueError("it is no manifest (%s)" % error) from None
    if not sound:
        raise ValueError("it was changed after it was written")
    return manifest


class Change(NamedTuple):
    """A path that is not as it was. C(then) and C(now) are entries."""

    then: Entry
    now: Entry

    @property
    def what(self):
        """Which of the words C(content), C(mode) and C(owner) differ; another kind is another content."""
        if self.then.kind != self.now.kind:
            return ("content",)
        pairs = (
            ("content", (self.then.digest, self.then.target), (self.now.digest, self.now.target)),
            ("mode", self.then.mode, self.now.mode),
            ("owner", (self.then.uid, self.then.gid), (self.now.uid, self.now.gid)),
        )
        return tuple(name for name, then, now in pairs if then != now)

    @property
    def is_final(self):
        """Whether there is no way back: the content was not kept, or is none."""
        return self.then.kind == "other" or (self.then.kind == "kept" and self.now.kind != "kept")


def changes(then, now):
    """Return the :class:`Change` of every path of a snapshot that is not as it was.

    :param then: manifest. :param now: {path: :class:`Entry`} of the paths that count.
    """
    return [Change(entry, now[entry.path]) for entry in then.entries if entry != now.get(entry.path, entry)]
