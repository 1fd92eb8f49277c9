# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""OpenClaw from an npm registry: what one version needs, and its installation into a prefix of its own."""

from __future__ import annotations

import json
import os
import re

from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure
from ansible_collections.clawops.openclaw.plugins.module_utils._release import fetch as _fetch
from ansible_collections.clawops.openclaw.plugins.module_utils._release import layout as _layout
from ansible_collections.clawops.openclaw.plugins.module_utils._release import observe as _observe

#: The answer for one version is 130 kB, that for all versions a few megabytes.
_LIMIT = 64 << 20
_ABBREVIATED = "application/vnd.npm.install-v1+json"

#: The only variables of the caller that npm gets: how to reach the registry from here, and whom to trust on the way.
PASSED_ON = (
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    "http_proxy",
    "https_proxy",
    "no_proxy",
    "NODE_EXTRA_CA_CERTS",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
)

_USERINFO = re.compile(r"(?<=://)[^/@\s]+@")


def look_up(registry, version, read=_fetch.document):
    """Return what the registry says of one version of OpenClaw (the fields of its package.json).

    :raises Failure: C(openclaw_version_unknown), or C(npm_install_failed) when the registry cannot be asked.
    """
    base = registry.rstrip("/") + "/openclaw"
    try:
        return _json(read(base + "/" + version, _LIMIT), base)
    except _fetch.FetchError as error:
        if not error.gone and error.status != 405:
            raise _unreachable(registry, version, error) from None
    # Not every registry serves single versions, and the list of all tells the operator which there are.
    try:
        everything = _json(read(base, _LIMIT, _ABBREVIATED), base)
    except _fetch.FetchError as error:
        if not error.gone:
            raise _unreachable(registry, version, error) from None
        everything = {}
    found = everything.get("versions", {}).get(version)
    if found is not None:
        return found
    latest = everything.get("dist-tags", {}).get("latest")
    raise Failure(
        "openclaw_version_unknown",
        "the registry %s has no openclaw %s%s."
        % (_fetch.shown(registry), version, "; its latest is %s" % latest if latest else ""),
        "input",
        "set the version to one that 'npm view openclaw versions' lists.",
        version=version,
        registry=_fetch.shown(registry),
        latest=latest,
    )


def install(registry, version, node_prefix, work, timeout, run):
    """Install one version of OpenClaw into a new prefix, and start it once so that its own install steps are done.

    :param node_prefix: the Node that the release will run on.
    :param work: existing private directory on the file system of the root; npm's home and cache go there as well.
    :param timeout: seconds for all of it.
    :param run: function of an argument list, an environment and a time-out that returns C((exit code, stdout, stderr)),
        exit code C(None) when the time-out ended it.
    :returns: the path of the installed prefix, inside C(work).
    :raises Failure: C(npm_install_failed).
    """
    prefix = os.path.join(work, "release")
    home = os.path.join(work, "home")
    os.mkdir(prefix, 0o755)
    os.mkdir(home, 0o700)
    environment = clean_environment(node_prefix, home, os.environ)
    node = os.path.join(node_prefix, "bin/node")
    argv = [node, _observe.npm_script(node_prefix)] + arguments(registry, version, prefix, home)
    code, out, err = run(argv, environment, timeout)
    if code != 0:
        raise _failed(registry, version, _outcome(code, timeout, err or out))
    reason = start(prefix, node_prefix, version, environment, timeout, run)
    if reason:
        raise _failed(registry, version, "installed, but " + reason)
    return prefix


def start(prefix, node_prefix, version, environment, timeout, run):
    """Start a release once, and say what is wrong with it, or C(None).

    It also completes what npm leaves undone where it does not run install scripts: OpenClaw then does that work at its
    first start, when its package must still be writable.

    :param prefix: of the release. :param node_prefix: of the Node that starts it.
    """
    package = os.path.join(prefix, _layout.PACKAGE)
    script = os.path.join(package, bin_script(_observe.package_json(package) or {}))
    code, out, err = run([os.path.join(node_prefix, "bin/node"), script, "--version"], environment, timeout)
    if code != 0 or version not in out:
        return "its --version says: %s" % _outcome(code, timeout, err or out)
    if os.path.lexists(os.path.join(package, _layout.LIFECYCLE_MARKER)):
        return "its install script did not complete: %s is there" % _layout.LIFECYCLE_MARKER
    return None


def arguments(registry, version, prefix, home):
    """Return the arguments of npm itself."""
    return [
        "install",
        "--global",
        "--prefix",
        prefix,
        "--registry",
        registry,
        "--cache",
        os.path.join(home, "cache"),
        "--userconfig",
        os.path.join(home, "npmrc"),
        "--no-audit",
        "--no-fund",
        "--no-progress",
        "--no-update-notifier",
        "--loglevel",
        "error",
        "--fetch-retries",
        "3",
        "--fetch-timeout",
        "60000",
        "openclaw@" + version,
    ]


def clean_environment(node_prefix, home, inherited):
    """Return the environment of npm: the release's own Node first, nothing of the account that runs the module."""
    environment = {name: inherited[name] for name in PASSED_ON if name in inherited}
    environment.update(
        PATH=os.path.join(node_prefix, "bin") + ":/usr/bin:/bin:/usr/sbin:/sbin",
        HOME=home,
        TMPDIR=home,
        LANG="C",
        DO_NOT_TRACK="1",
        # Else Node's compile cache lands in the shared temporary directory, owned by root.
        NODE_DISABLE_COMPILE_CACHE="1",
        # --version reads its configuration's place; none of a person's may be touched.
        OPENCLAW_HOME=home,
    )
    return environment


def bin_script(about):
    """Return the CLI script of the package, relative to it, from its package.json."""
    named = about.get("bin")
    if isinstance(named, dict):
        named = named.get("openclaw")
    return os.path.normpath(named) if isinstance(named, str) and named else _layout.DEFAULT_BIN


def engine(about):
    """Return C(engines.node) of a package.json, or C(None)."""
    engines = about.get("engines")
    return engines.get("node") if isinstance(engines, dict) else None


def short_error(text):
    """Return the lines of npm's output that say what went wrong, without noise and without credentials."""
    said = []
    for line in text.splitlines():
        line = re.sub(r"^npm (error|ERR!)\s*", "", line.strip())
        if line and not line.startswith(("A complete log", "npm warn", "/", "at ")) and line not in said:
            said.append(line)
    return _USERINFO.sub("", "; ".join(said[:4]))[:400] or "no message"


def _outcome(code, timeout, text):
    return "not done after %d s" % timeout if code is None else "exit %d: %s" % (code, short_error(text))


def _json(body, url):
    try:
        parsed = json.loads(body.decode("utf-8"))
    except ValueError:
        parsed = None
    if not isinstance(parsed, dict):
        raise _fetch.FetchError(url, "the answer is not a JSON object, so this is no npm registry", 200)
    return parsed


def _unreachable(registry, version, error):
    return Failure(
        "npm_install_failed",
        "the npm registry %s could not be asked for openclaw %s: %s." % (_fetch.shown(registry), version, error.reason),
        "network",
        "check npm_registry and the way from this host to it (curl -I %s)." % error.url,
        registry=_fetch.shown(registry),
        package="openclaw@" + version,
        status=error.status,
    )


def _failed(registry, version, reason):
    return Failure(
        "npm_install_failed",
        "npm could not install openclaw@%s from %s: %s." % (version, _fetch.shown(registry), reason.rstrip(".")),
        "network",
        "some releases need packages that no registry has; try a neighbouring version, or see the whole output of"
        " 'npm install --prefix /tmp/try --registry %s openclaw@%s' on the host." % (_fetch.shown(registry), version),
        registry=_fetch.shown(registry),
        package="openclaw@" + version,
    )
