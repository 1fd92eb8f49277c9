# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""From the options of an audit task to what is asked of the host, to what its answer is judged by, and to the little
of it that is kept. Pure: no host, no file, no Ansible."""

from __future__ import annotations

import importlib.util
import os
import re
import shlex
import sys

from ansible_collections.clawops.openclaw.plugins.module_utils._config.paths import format_path
from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure
from ansible_collections.clawops.openclaw.plugins.module_utils._host.settings import shown
from ansible_collections.clawops.openclaw.plugins.module_utils._release.layout import Layout
from ansible_collections.clawops.openclaw.plugins.module_utils._secrets.fingerprint import fingerprint
from ansible_collections.clawops.openclaw.plugins.plugin_utils._report.record import drifts

#: The collection's own checks.
CHECKS = os.path.normpath(os.path.join(os.path.dirname(__file__), "../../roles/audit/files/checks"))
#: Options that the look takes just so.
_LOOK = (
    "user", "state_dir", "label", "port", "root", "launchctl", "launch_daemons_dir", "launch_agents_dir",
    "throttle_interval", "exit_timeout", "scope", "paths", "log_hours", "request_timeout", "probe", "operators",
)  # fmt: skip
#: Options that are part of the policy just so.
_POLICY = ("user", "label", "scope", "port", "throttle_interval", "exit_timeout", "log_hours")
#: Keys that a policy always has. Null means that nobody declared it, and that what compares with it does not apply.
NOT_DECLARED = dict.fromkeys((
    "exposure", "environment", "class", "bind", "providers", "process_type", "files_limit", "inventory", "version",
    "node_version", "install", "auth_mode", "token_source", "smoke_interval",
    "token_fingerprint", "token_max_age_days", "config_root", "allowed_origins", "max_pending_age_s", "storm_runs",
    "free_mib", "baseline", "program",
))  # fmt: skip
#: What a policy is where nothing is said.
_ELSE = {"mode": "managed", "consumers": [], "settings": {}, "needs_gui": False}
#: Results of which a report needs little.
_IN_SHORT = ("pass", "not_applicable")
#: What of -e is safe to repeat in a report: files, and words of the audit itself. A secret may stand in any other.
_REPEATED = re.compile(r"@\S+\Z|(?:target|audit_[a-z_]+)=[^\s=]*\Z")
#: Why a controller cannot judge.
CANNOT_JUDGE = Failure(
    "jmespath_missing",
    "the Python that runs Ansible (%s) has no jmespath, which the checks are written in." % sys.executable,
    "input", "install it there: %s -m pip install jmespath" % sys.executable,
)  # fmt: skip


def can_judge():
    """Return whether this controller has what judging takes."""
    return importlib.util.find_spec("jmespath") is not None


def unusable(error):
    """Return an error of a file of checks or waivers as the failure of a task."""
    return Failure("audit_rules_invalid", str(error), "input", "correct the file, then run the audit again.")


def wrong_policy(problems):
    """Return what is wrong with a policy (a list of sentences) as the failure of a task."""
    hint = "correct the policy (audit_policy of the role)."
    return Failure("audit_policy_invalid", " ".join(problems), "input", hint)


def look(options):
    """Return the options of C(openclaw_info) for an audit.

    :param options: the options of the audit, validated.
    :returns: mapping; what is not set is left out, so that the module's own defaults hold.
    """
    asked = {name: options[name] for name in _LOOK if options.get(name) is not None}
    asked["settings"] = list(flat(options["settings"]))
    asked["program_arguments"] = program(options)
    return {name: value for name, value in asked.items() if value is not None}


def program(options):
    """Return the command line that the job shall have, or C(None) where nobody declares one.

    :param options: C(program_arguments) says it, else it is that of a deploy below C(root) on C(port); a Gateway that
        was adopted keeps its own.
    """
    if options.get("program_arguments"):
        return [str(word) for word in options["program_arguments"]]
    if (options.get("policy") or {}).get("mode") == "adopt" or not options.get("port"):
        return None
    return Layout(options["root"]).program() + ["gateway", "--port", str(options["port"])]


def policy(options, observation):
    """Return what the observation is judged by: no secret in it, fingerprints only.

    :param options: the options of the audit, validated. What C(policy) says wins over what is derived.
    :param observation: where the home directory of the account is, only the host knows.
    """
    declared = dict(NOT_DECLARED, **_ELSE)
    declared.update((name, options.get(name)) for name in _POLICY)
    declared["settings"] = flat(options["settings"])
    declared["program"] = program(options)
    declared["needs_gui"] = options.get("scope") == "agent"
    if options.get("token") is not None:
        declared["token_fingerprint"] = fingerprint(options["token"])
    if options.get("baseline") is not None:
        declared["baseline"] = flat(options["baseline"])
    declared["consumers"] = [_consumer(item) for item in options.get("consumers") or []]
    declared.update((name, value) for name, value in (options.get("policy") or {}).items() if value is not None)
    home = (observation.get("account") or {}).get("home")
    if not declared["config_root"]:
        declared["config_root"] = options.get("state_dir") or (home and os.path.join(home, ".openclaw"))
    return declared


def _consumer(item):
    """Return C({name, fingerprint}); a consumer may be declared with the token it holds, from a vault."""
    known = item.get("fingerprint") or (fingerprint(item["value"]) if item.get("value") else None)
    return {"name": item.get("name"), "fingerprint": known}


def flat(settings):
    """Return nested settings as C({dotted path: value as it may be shown}), each just as the look tells it.

    A leaf is whatever is no mapping, or an empty one.
    """
    return {format_path(way): shown(value, way) for way, value in _leaves(settings, ())}


def _leaves(settings, above):
    for key, value in settings.items():
        way = (*above, str(key))
        if isinstance(value, dict) and value:
            yield from _leaves(value, way)
        else:
            yield way, value


def described(check):
    """Return a check of the catalogue as the plain data that a report tells about it."""
    names = ("id", "title", "severity", "layer", "why", "impact", "diagnosis", "step")
    return dict(
        {name: getattr(check, name) for name in names},
        requirements=list(check.requirements),
        repair={"kind": check.kind, "commands": list(check.commands)},
    )


def folded(findings):
    """Return findings as a result keeps them: whole where anything is wrong. Ansible walks through a result many times.

    :returns: C({findings, passed: {severity: {check id: digest of the policy}},
        not_applicable: {severity: [check id]}}).
    """
    kept = {"findings": [finding for finding in findings if finding["result"] not in _IN_SHORT],
            "passed": {}, "not_applicable": {}}  # fmt: skip
    for finding in findings:
        if finding["result"] == "pass":
            kept["passed"].setdefault(finding["severity"], {})[finding["checkId"]] = finding["policyDigest"]
        elif finding["result"] == "not_applicable":
            kept["not_applicable"].setdefault(finding["severity"], []).append(finding["checkId"])
    return kept


def unfolded(kept, host):
    """Return what :func:`folded` kept of a host as findings again, of those in short the keys that a report needs."""
    digests = {severity: dict.fromkeys(names) for severity, names in kept["not_applicable"].items()}
    return kept["findings"] + [
        {"checkId": name, "host": host, "result": result, "severity": severity, "policyDigest": digest}
        for result, by in zip(_IN_SHORT, (kept["passed"], digests))
        for severity, those in by.items() for name, digest in those.items()
    ]  # fmt: skip


def counts(findings):
    """Return how many findings there are of each result."""
    results = [finding["result"] for finding in findings]
    return {result: results.count(result) for result in ("pass", "fail", "unknown", "not_applicable", "waived")}


def state(findings):
    """Return what a host is, by its findings: C(clean), C(drift), or C(unknown)."""
    if any(drifts(finding) for finding in findings):
        return "drift"
    blind = not findings or any(finding["result"] == "unknown" for finding in findings)
    return "unknown" if blind else "clean"


def told(observation):
    """Return the little of an observation that a report and a comparison between hosts need.

    :returns: C({openclaw, macos, ms, blind, privilege}); C(blind) names the sections that could not be told.
    """
    sections = {name: part for name, part in observation.items() if isinstance(part, dict)}
    port, release = sections.get("port") or {}, sections.get("release") or {}
    return {
        "openclaw": port.get("version") or release.get("version"),
        "macos": (sections.get("platform") or {}).get("macos"),
        "ms": observation.get("survey_ms"),
        "blind": {name: part["error"] for name, part in sections.items() if part.get("error")},
        "privilege": sections.get("privilege"),
    }


def command(given):
    """Return the line that runs this audit again, without any variable that could hold a secret.

    :param given: the command line as Ansible parsed it.
    """
    line = ["ansible-playbook"]
    for source in given.get("inventory") or []:
        line += ["-i", str(source)]
    line += ["--limit", str(given["subset"])] if given.get("subset") else []
    for extra in given.get("extra_vars") or []:
        line += ["-e", str(extra)] if _REPEATED.match(str(extra)) else []
    return " ".join(map(shlex.quote, [*line, *map(str, given.get("args") or [])]))
