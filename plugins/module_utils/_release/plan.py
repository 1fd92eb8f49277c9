# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""From what lies under the root and what is declared to a list of steps. Pure: compares two mappings of text.

An observation maps keys relative to the root (C(node/24.21.0), C(current)) to what lies there, in words, and has no
entry for what is absent. The declaration is put in the same words; whatever reads differently is a step.
"""

from __future__ import annotations

from collections import namedtuple

from ansible_collections.clawops.openclaw.plugins.module_utils._release import layout as _layout

#: What a declaration wants at one key: C(text) as an observation would word it, and the verb that makes it so.
Entry = namedtuple("Entry", "key text verb arguments")

#: C(before) and C(after) are texts for a diff; C(switched) says that what C(current) runs has changed under a Gateway;
#: C(pending) that C(current) does not lead to the declared pair yet.
Plan = namedtuple("Plan", "steps before after switched pending", defaults=(False,))

DIRECTORY = "directory 0755"
NODE_OF_ITS_OWN = "Node %s"
PACKAGE_OF_ITS_OWN = "OpenClaw %s"
PACKAGE_LINK = "OpenClaw package -> %s"
LINK = "-> %s"
WRAPPER = "wrapper 0755 of %s (%s)"

#: Order of removal: first what others point through, then what it pointed at.
_REMOVAL_ORDER = ("current", "bin/openclaw", "bin", "releases/", "releases", "node/", "node", ".")


def wanted(declaration, release):
    """Return the entries of a declared release, in the order in which they have to be made.

    :param declaration: mapping with C(version), C(node_version), C(install), C(existing_node), C(existing_openclaw).
    :param release: what was looked up: C(bin) script of the package.
    """
    version, node_version = declaration["version"], declaration["node_version"]
    make_node, make_release = _ORIGINS[declaration["install"]]
    return [
        Entry(".", DIRECTORY, "directory", ()),
        Entry("node", DIRECTORY, "directory", ()),
        make_node(declaration),
        Entry("releases", DIRECTORY, "directory", ()),
        make_release(declaration),
        Entry(
            _layout.release_key(version) + "/node",
            LINK % _layout.node_link(node_version),
            "link",
            (_layout.node_link(node_version),),
        ),
        wrapper(_layout.release_key(version) + "/openclaw", _layout.release_key(version), release["bin"]),
        Entry("bin", DIRECTORY, "directory", ()),
        wrapper("bin/openclaw", "current", release["bin"]),
        # Last, so that nothing points at a release that is not whole.
        Entry("current", LINK % _layout.release_key(version), "link", (_layout.release_key(version),)),
    ]


def wrapper(key, prefix, bin_script):
    """Return the entry of a wrapper that runs what lies at another key."""
    return Entry(key, WRAPPER % (prefix, bin_script), "wrapper", (bin_script, prefix))


def release_entry(declaration):
    """Return the entry of the release itself."""
    return _ORIGINS[declaration["install"]][1](declaration)


def _own_node(verb):
    def entry(declaration):
        version = declaration["node_version"]
        return Entry(_layout.node_key(version), NODE_OF_ITS_OWN % version, verb, (version,))

    return entry


def _linked_node(declaration):
    prefix = declaration["existing_node"]
    return Entry(_layout.node_key(declaration["node_version"]), LINK % prefix, "link", (prefix,))


def _own_release(verb):
    def entry(declaration):
        version = declaration["version"]
        return Entry(_layout.release_key(version), PACKAGE_OF_ITS_OWN % version, verb, (version,))

    return entry


def _linked_release(declaration):
    package = declaration["existing_openclaw"]
    return Entry(_layout.release_key(declaration["version"]), PACKAGE_LINK % package, "release_link", (package,))


#: Value of C(install) -> where Node and the release come from.
_ORIGINS = {
    "npm": (_own_node("node_archive"), _own_release("release_npm")),
    "archive": (_own_node("node_packed"), _own_release("release_packed")),
    "existing": (_linked_node, _linked_release),
}


def present(declaration, release, observed, leftovers):
    """Plan what makes the declared release the current one.

    :param observed: what lies at the keys of :func:`wanted`.
    :param leftovers: keys of what earlier runs left when they were killed.
    """
    return _planned(declaration, wanted(declaration, release), observed, leftovers)


def staged(declaration, release, observed, leftovers):
    """Plan what puts the declared release beside the others. What C(current) runs stays as it is, unless it is broken.

    Arguments are those of :func:`present`.
    """
    switch = set(switching(declaration, observed))
    entries = [entry for entry in wanted(declaration, release) if entry.key not in switch]
    return _planned(declaration, entries, observed, leftovers)


def switched(declaration, release, observed, leftovers):
    """Plan the switch to a release that lies beside the others, and nothing else.

    Arguments are those of :func:`present`.
    """
    switch = set(switching(declaration, observed))
    entries = [entry for entry in wanted(declaration, release) if entry.key in switch]
    return _planned(declaration, entries, observed, [])


def switching(declaration, observed):
    """Return the keys by which a declared pair becomes the one that runs."""
    release = _layout.release_key(declaration["version"])
    # The link to Node of the release that runs: another one there is another Node under the Gateway.
    runs = observed.get("current") == LINK % release and release + "/node" in observed
    return ["bin", "bin/openclaw", "current"] + [release + "/node"] * runs


def _planned(declaration, entries, observed, leftovers):
    sweep = [Entry(key, None, "remove", ()) for key in leftovers]
    steps = sweep + [entry for entry in entries if observed.get(entry.key) != entry.text]
    known = dict(observed, **dict.fromkeys(leftovers, "leftover of an interrupted run"))
    version, node_version = declaration["version"], declaration["node_version"]
    code = {
        "current",
        _layout.release_key(version),
        _layout.release_key(version) + "/node",
        _layout.node_key(node_version),
    }
    after = dict(observed, **{step.key: step.text for step in steps})
    leads = after.get("current") == LINK % _layout.release_key(version)
    switched = "current" in observed and leads and any(step.key in code for step in steps)
    link = after.get(_layout.release_key(version) + "/node")
    pending = not leads or link != LINK % _layout.node_link(node_version)
    return Plan(steps, _told(steps, known.get), _told(steps, {s.key: s.text for s in steps}.get), switched, pending)


def absent(owned):
    """Plan the removal of everything of ours under the root.

    :param owned: mapping of what is there and ours to remove, in words.
    """
    steps = [Entry(key, None, "remove", ()) for key in sorted(owned, key=_removal_rank)]
    return Plan(steps, _told(steps, owned.get), _told(steps, lambda key: None), False)


def _removal_rank(key):
    for rank, known in enumerate(_REMOVAL_ORDER):
        if key == known or (known.endswith("/") and key.startswith(known)):
            return (rank, key)
    # Leftovers: any time before the root itself.
    return (len(_REMOVAL_ORDER) - 1.5, key)


def _told(steps, text_of):
    """Word one side of the diff: a line per step, in a stable order."""
    return "".join("%s: %s\n" % (key, text_of(key) or "absent") for key in sorted(step.key for step in steps))
