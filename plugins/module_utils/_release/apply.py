# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""The rim of a release: looks up, plans, and makes the plan true under one root."""

from __future__ import annotations

import contextlib
import os
import re
import urllib.parse

from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure
from ansible_collections.clawops.openclaw.plugins.module_utils._release import archive as _archive
from ansible_collections.clawops.openclaw.plugins.module_utils._release import engines as _engines
from ansible_collections.clawops.openclaw.plugins.module_utils._release import existing as _existing
from ansible_collections.clawops.openclaw.plugins.module_utils._release import layout as _layout
from ansible_collections.clawops.openclaw.plugins.module_utils._release import make as _make
from ansible_collections.clawops.openclaw.plugins.module_utils._release import node as _node
from ansible_collections.clawops.openclaw.plugins.module_utils._release import npm as _npm
from ansible_collections.clawops.openclaw.plugins.module_utils._release import observe as _observe
from ansible_collections.clawops.openclaw.plugins.module_utils._release import plan as _plan
from ansible_collections.clawops.openclaw.plugins.module_utils._release import process as _process
from ansible_collections.clawops.openclaw.plugins.module_utils._release import prune as _prune
from ansible_collections.clawops.openclaw.plugins.module_utils._release import switch as _switch

_NODE_PIN = re.compile(r"^\d+\.\d+\.\d+$")
_OPENCLAW_PIN = re.compile(r"^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$")

#: Directories that a careless C(root) would turn into a release root.
_SHARED = {"/", "/opt", "/usr", "/usr/local", "/opt/homebrew", "/Applications", "/Library", "/System", "/Users"}
_SHARED |= {"/etc", "/var", "/private"}


def present(declaration, check_mode):
    """Make a release the current one under its root.

    :param declaration: the module's options, plus C(system) and C(machine) of the host, as :mod:`platform` says.
    :returns: mapping of what a module returns.
    :raises Failure: before any write where the declaration cannot be met.
    """
    return _converge(declaration, check_mode, _plan.present)


def staged(declaration, check_mode):
    """Put a release beside the others, whole and started once, and leave what runs as it is.

    Arguments and what it returns are those of :func:`present`; C(pending) says whether a switch is left to do.
    """
    return _converge(declaration, check_mode, _plan.staged)


def switched(declaration, check_mode):
    """Make a release that lies beside the others the current one. Makes nothing else, and foretells nothing else.

    Arguments and what it returns are those of :func:`present`. :raises Failure: C(release_not_staged).
    """
    layout = _layout.Layout(_checked_root(declaration["root"]))
    if not check_mode and not os.access(layout.command(declaration["version"]), os.X_OK):
        raise Failure(
            "release_not_staged",
            "there is no %s to switch to." % layout.release(declaration["version"]),
            "input",
            "stage the release first (state: staged), or do both at once (state: present).",
            path=layout.release(declaration["version"]),
        )
    return _converge(declaration, check_mode, _plan.switched)


def _converge(declaration, check_mode, plan_of):
    _check_pins(declaration)
    _check_source(declaration)
    layout = _layout.Layout(_checked_root(declaration["root"]))
    with _written(layout.root):
        release = look_up(layout, declaration, check_mode)
        observed = _observed(layout, declaration, release)
        previous = _link_target(layout.current)
        plan = plan_of(declaration, release, observed, _observe.leftovers(layout))
        if plan.steps:
            _check_writable(layout.root)
        if plan.steps and not check_mode:
            plan = _carry_out(layout, declaration, release, observed, plan_of)
    leads = previous if plan.pending else _layout.release_key(declaration["version"])
    return _result(
        layout,
        plan,
        version=declaration["version"],
        node_version=declaration["node_version"],
        current=layout.path(leads) if leads else None,
        previous=layout.path(previous) if previous else None,
        command=layout.command(declaration["version"]),
        program=layout.program(),
        engines=release["engines"],
        warnings=release["warnings"],
    )


def absent(declaration, check_mode):
    """Remove everything of ours under a root, and the root itself when nothing else is in it.

    :returns: mapping of what a module returns; C(left) names what is not ours and stays.
    """
    layout = _layout.Layout(_checked_root(declaration["root"]))
    with _written(layout.root):
        owned, left = _observe.owned(layout)
        plan = _plan.absent(owned)
        if plan.steps:
            _check_writable(layout.root)
        if plan.steps and not check_mode:
            with _switch.locked(layout.root, declaration["timeout"]):
                for step in plan.steps:
                    _switch.remove(layout.path(step.key))
    return _result(layout, plan, left=left)


def pruned(declaration, check_mode):
    """Remove releases that are neither the declared nor the current one, nor among the newest others.

    :returns: mapping of what a module returns; C(warnings) say what is held back because a process executes it.
    """
    _check_pins(declaration)
    layout = _layout.Layout(_checked_root(declaration["root"]))
    with _written(layout.root):
        installed = _prune.look(layout)
        # A check run comes before the switch: what is current then is another one now, and nothing runs it any more.
        foretold = check_mode and installed.current != declaration["version"]
        running = [] if foretold else _prune.processes(_process.run)
        installed = installed._replace(current=declaration["version"]) if foretold else installed
        used = _prune.in_use(layout, installed, running)
        plan, warnings = _prune.decide(installed, declaration["version"], declaration["keep"], used)
        if plan.steps:
            _check_writable(layout.root)
        if plan.steps and not check_mode:
            with _switch.locked(layout.root, declaration["timeout"]), _switch.workshop(layout.root) as work:
                for number, step in enumerate(plan.steps):
                    # By rename: a run that is killed leaves a leftover, and no release that is half there.
                    os.rename(layout.path(step.key), os.path.join(work, str(number)))
    current = layout.release(installed.current) if installed.current else None
    return _result(layout, plan, version=declaration["version"], current=current, warnings=warnings)


def packed(declaration, check_mode):
    """Have an archive of an installed release and its Node.

    :returns: mapping of what a module returns; C(archive_sha256) is C(None) where a check run made none.
    """
    _check_pins(declaration)
    layout = _layout.Layout(_checked_root(declaration["root"]))
    about = (layout, declaration["version"], declaration["node_version"], declaration["system"], declaration["machine"])
    path, before, digest = declaration["archive"], None, None
    try:
        before = _archive.digest_of(path) if os.path.isfile(path) else None
        digest = before if check_mode else _archive.pack(*about, path)
    except OSError as error:
        raise _not_writable(path, os.strerror(error.errno)) from None
    told = "%s: %s\n"
    plan = _plan.Plan([] if before and before == digest else [path], told % (path, before or "absent"),
                      told % (path, digest or "packed"), False)
    return _result(layout, plan, version=declaration["version"], node_version=declaration["node_version"],
                   archive_sha256=digest)


def _result(layout, plan, **known):
    result = {
        "changed": bool(plan.steps),
        "version": None,
        "node_version": None,
        "root": layout.root,
        "current": None,
        "previous": None,
        "program": [],
        "command": None,
        "archive_sha256": None,
        "engines": None,
        "switched": plan.switched,
        "pending": plan.pending,
        "left": [],
        "warnings": [],
        "diff": {
            "before_header": layout.root,
            "after_header": layout.root,
            "before": plan.before,
            "after": plan.after,
        },
    }
    result.update(known)
    return result


def look_up(layout, declaration, check_mode=False):
    """Find out everything that could make the declaration impossible, and refuse it here.

    What lies under the root already is asked first; only what is missing is asked of the network.

    :returns: mapping with C(engines) (npm range), C(bin) (CLI script of the package), C(node_url) and C(node_sha256)
        (both C(None) when no archive is needed), and C(warnings) (sentences).
    :raises Failure: see the module's documentation.
    """
    about, node = _LOOK_UPS[declaration["install"]](layout, declaration, check_mode)
    version, node_version = declaration["version"], declaration["node_version"]
    wanted = _npm.engine(about) or _engines.known_engines(version)
    _check_engines(version, node_version, wanted)
    return dict(node(), engines=wanted, bin=_npm.bin_script(about))


_NO_ARCHIVE = {"node_url": None, "node_sha256": None, "warnings": []}


def _look_up_npm(layout, declaration, check_mode):
    about = _observe.installed_package(layout, declaration)
    if about is None:
        about = _npm.look_up(declaration["npm_registry"], declaration["version"])

    def node():
        if _observe.node_installed(layout, declaration["node_version"]):
            return dict(_NO_ARCHIVE)
        url = _node.archive_url(declaration["node_url"], declaration["node_version"], declaration["machine"])
        digest = _node.pinned_digest(url, declaration["node_sha256"])
        return dict(_NO_ARCHIVE, node_url=url, node_sha256=digest)

    return about, node


def _look_up_archive(layout, declaration, check_mode):
    about = _observe.installed_package(layout, declaration)
    if about is None or not _observe.node_installed(layout, declaration["node_version"]):
        path = declaration["archive"]
        # A check run that would have brought the archive to the host first has nothing to look into yet.
        if not (check_mode and path and not os.path.lexists(path)):
            told = _archive.about(declaration["archive"], declaration["archive_sha256"], declaration)
            about = about or {"engines": {"node": told.get("engines")}, "bin": {"openclaw": told.get("bin")}}
    return about or {}, lambda: dict(_NO_ARCHIVE)


def _look_up_existing(layout, declaration, check_mode):
    prefix, package = declaration["existing_node"], declaration["existing_openclaw"]
    _existing.check_stable(prefix, "existing_node")
    _existing.check_stable(package, "existing_openclaw")
    about = _existing.package(package)
    if about.get("version") != declaration["version"]:
        raise Failure(
            "openclaw_version_unknown",
            "version %s is declared, but %s is OpenClaw %s." % (declaration["version"], package, about.get("version")),
            "input",
            "declare %s, install the declared version there, or use 'install: npm'." % about.get("version"),
            version=declaration["version"],
            found=about.get("version"),
            path=package,
        )

    def node():
        found = _node_version(layout, declaration)
        if found != declaration["node_version"]:
            raise Failure(
                "node_version_differs",
                "node_version %s is declared, but %s/bin/node is Node %s."
                % (declaration["node_version"], prefix, found),
                "input",
                "declare %s, install the declared version there, or use 'install: npm'." % found,
                node_version=declaration["node_version"],
                found=found,
                path=prefix,
            )
        warnings = _existing.doubts(os.path.join(prefix, "bin/node")) + _existing.doubts(package)
        return dict(_NO_ARCHIVE, warnings=warnings)

    return about, node


def _node_version(layout, declaration):
    prefix = declaration["existing_node"]
    link = layout.node(declaration["node_version"])
    # A Node that is linked already was started when it was linked.
    ask = _existing.known_version if _link_target(link) == prefix else _existing.started_version
    return ask(prefix, _process.run)


#: C(install) -> what has to be asked. The second answer is a function: a wrong pin is told before Node is looked for.
_LOOK_UPS = {"npm": _look_up_npm, "archive": _look_up_archive, "existing": _look_up_existing}


def _check_engines(version, node_version, wanted):
    try:
        fits = not wanted or _engines.satisfies(node_version, wanted)
    except ValueError:
        # A range that cannot be read refuses nothing: the release proves itself by starting once.
        return
    if fits:
        return
    better = _engines.suggest(wanted)
    raise Failure(
        "node_outside_engines",
        "OpenClaw %s does not run on Node %s: it needs %s." % (version, node_version, wanted),
        "input",
        "set node_version to %s." % (better or "a version in that range"),
        version=version,
        node_version=node_version,
        engines=wanted,
        suggested=better,
    )


def _check_pins(declaration):
    for option, pattern, sample in (("version", _OPENCLAW_PIN, "2026.9.6"), ("node_version", _NODE_PIN, "24.21.0")):
        if not pattern.match(declaration[option]):
            raise Failure(
                "version_not_exact",
                "%s %r is not an exact version." % (option, declaration[option]),
                "input",
                "pin it, such as %s: %s. Ranges and tags such as 'latest' are not pins." % (option, sample),
                option=option,
                value=declaration[option],
            )


def _check_source(declaration):
    if declaration["install"] == "npm" and not declaration["npm_registry"]:
        raise Failure(
            "npm_registry_missing",
            "install is npm, and npm_registry is not given: nothing says where OpenClaw shall come from.",
            "input",
            "set npm_registry to what 'npm config get registry' prints where npm is set up as it shall be here.",
            option="npm_registry",
        )
    for option in ("node_url", "npm_registry"):
        if "@" in urllib.parse.urlsplit(declaration[option] or "").netloc:
            raise Failure(
                "url_with_credentials",
                "%s holds a user name or password, which every account could read in npm's arguments." % option,
                "input",
                "use a mirror that this host may read without one.",
                option=option,
            )


def _checked_root(root):
    if not os.path.isabs(root) or os.path.normpath(root) in _SHARED:
        raise Failure(
            "root_not_own",
            "root %s is not an absolute path of a directory of its own." % root,
            "input",
            "use a directory that holds nothing else, such as /opt/openclaw.",
            root=root,
        )
    return root


def _check_writable(root):
    place = root
    while not os.path.lexists(place):
        place = os.path.dirname(place)
    if not os.access(place, os.W_OK | os.X_OK):
        raise _not_writable(root, "%s cannot be written by uid %d" % (place, os.geteuid()))


def _not_writable(root, reason):
    return Failure(
        "root_not_writable",
        "root %s cannot be changed: %s." % (root, reason),
        "host",
        "run the task with 'become: true'; if it does, look at 'df -h' and 'mount' for that directory.",
        root=root,
    )


@contextlib.contextmanager
def _written(root):
    """Tell a refusal of the operating system as one of the root."""
    try:
        yield
    except OSError as error:
        if error.errno not in _switch.REFUSALS:
            raise
        raise _not_writable(root, "%s (%s)" % (os.strerror(error.errno), error.filename or "while writing")) from None


def _observed(layout, declaration, release):
    return _observe.observe(layout, declaration["version"], declaration["node_version"], release["bin"])


def _carry_out(layout, declaration, release, observed, plan_of):
    """Carry the plan out under the lock, from what is true by then, and return it."""
    umask = os.umask(0o022)
    try:
        with _emptied_on_failure([layout.path(key) for key in (".", "node", "releases", "bin") if key not in observed]):
            # The root has to be there to be locked; the plan still tells how it was before.
            _switch.directory(layout.root)
            # Whoever comes second waits for the first to finish, and then has nothing left to do.
            with _switch.locked(layout.root, declaration["timeout"]) as lock:
                now = {key: text for key, text in _observed(layout, declaration, release).items() if key != "."}
                now.update((key, text) for key, text in observed.items() if key == ".")
                plan = plan_of(declaration, release, now, _observe.leftovers(layout))
                for step in plan.steps:
                    if step.verb == "remove":
                        _switch.remove(layout.path(step.key))
                with _switch.workshop(layout.root) as work:
                    maker = _make.Maker(layout, declaration, release, work, lock)
                    for step in plan.steps:
                        maker.make(step)
    finally:
        os.umask(umask)
    return plan


@contextlib.contextmanager
def _emptied_on_failure(directories):
    """Take directories that were not there before away again when nothing came to be in them."""
    try:
        yield
    except BaseException:
        for path in reversed(directories):
            with contextlib.suppress(OSError):
                os.rmdir(path)
        raise


def _link_target(path):
    return os.readlink(path) if os.path.islink(path) else None
