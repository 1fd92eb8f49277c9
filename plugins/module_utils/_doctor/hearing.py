# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""One round: every judge is asked on the private copy, and what all of them say becomes one result."""

from __future__ import annotations

import os
import time
from typing import NamedTuple

from ansible_collections.clawops.openclaw.plugins.module_utils import _cli
from ansible_collections.clawops.openclaw.plugins.module_utils._config.identity import acting_as
from ansible_collections.clawops.openclaw.plugins.module_utils._doctor import judges, standin
from ansible_collections.clawops.openclaw.plugins.module_utils._doctor.words import Words, known_secrets
from ansible_collections.clawops.openclaw.plugins.module_utils._secrets.places import Reader

#: Variables of the service that would lead its judges out of the copy, or make them write elsewhere.
_NOT_HANDED_ON = (
    "HOME", "TMPDIR", "TMP", "TEMP", "PWD", "OPENCLAW_HOME", "OPENCLAW_STATE_DIR", "OPENCLAW_CONFIG_PATH",
    "OPENCLAW_AGENT_DIR", "OPENCLAW_LOG_LEVEL", "NODE_COMPILE_CACHE", "NODE_V8_COVERAGE", "NODE_OPTIONS",
)  # fmt: skip
_NOT_HANDED_ON_PREFIXES = ("XDG_", "npm_config_", "NPM_CONFIG_")
#: Their log would be the Gateway's own; a copy is nothing to write a configuration to, and nobody asked for updates.
_FORCED = {
    "LC_ALL": "C",
    "NO_COLOR": "1",
    "DO_NOT_TRACK": "1",
    "OPENCLAW_LOG_LEVEL": "silent",
    "OPENCLAW_CONFIG_READONLY": "1",
    "OPENCLAW_NO_AUTO_UPDATE": "1",
    "NODE_OPTIONS": "",
    **_cli.ONE_PROCESS,
}


class Wanted(NamedTuple):
    """Whom to ask about what. C(judges) are names of :data:`judges.JUDGES`, C(timeout) seconds for each."""

    account: object
    state_dir: str
    openclaw: str
    judges: tuple
    timeout: float


class Heard(NamedTuple):
    """What a judge came to. C(verdict) is C(ok), C(findings) or C(unknown); C(answers) are its JSON objects."""

    verdict: str
    code: str | None
    reason: str | None
    exit_code: int | None
    seconds: float
    findings: list
    answers: list


def environment_of(service, stand_in, openclaw, real_state_dir, home):
    """Return the environment of the judges: the service's, as far as it leads nowhere else."""
    handed = {
        name: value
        for name, value in service.environment.items()
        if name not in _NOT_HANDED_ON and not name.startswith(_NOT_HANDED_ON_PREFIXES)
    }
    # The Node that the service runs on, not another one that happens to be there.
    node = [os.path.dirname(word) for word in service.program if os.path.basename(word) == "node"]
    path = [*node, os.path.dirname(openclaw), *filter(None, [handed.get("PATH")]), *_cli.SEARCHED]
    environment = dict(
        handed, HOME=stand_in.home, TMPDIR=os.path.join(stand_in.place, "tmp"), PATH=os.pathsep.join(path), **_FORCED
    )
    if real_state_dir != os.path.join(home, ".openclaw"):
        environment["OPENCLAW_STATE_DIR"] = stand_in.state_dir
    if stand_in.config != os.path.join(stand_in.state_dir, "openclaw.json"):
        environment["OPENCLAW_CONFIG_PATH"] = stand_in.config
    # Files included with the path that they have on the host.
    roots = [handed.get("OPENCLAW_INCLUDE_ROOTS"), real_state_dir]
    environment["OPENCLAW_INCLUDE_ROOTS"] = os.pathsep.join(filter(None, roots))
    return environment


def make(wanted, service):
    """Ask every judge.

    :param wanted: :class:`Wanted`. :param service: :class:`service.Service`.
    :returns: tuple (result as plain data, the secrets that were met).
    :raises Failure: the private copy could not be made.
    """
    account = wanted.account
    config = service.environment.get("OPENCLAW_CONFIG_PATH") or os.path.join(wanted.state_dir, "openclaw.json")
    secrets = _secrets(account, config, wanted.state_dir, service)
    with standin.standing_in(account, wanted.state_dir, config) as stand_in:
        environment = environment_of(service, stand_in, wanted.openclaw, wanted.state_dir, account.home)
        words = Words(secrets, stand_in.places)
        has_config = os.path.lexists(config)
        heard = {name: _hear(name, wanted, environment, stand_in, has_config, words) for name in wanted.judges}
    return told(heard, stand_in.left_out + service.notes, words, wanted, stand_in.bytes), secrets


def _secrets(account, config, state_dir, service):
    with acting_as(account):
        reader = Reader()
        dotenvs = [os.path.join(state_dir, ".env"), os.path.join(account.home, ".openclaw", ".env")]
        texts = [reader.text(path) or "" for path in (config, *dotenvs)]
    return known_secrets(texts[0], texts[1:], service.environment)


def _hear(name, wanted, environment, stand_in, has_config, words):
    began = time.monotonic()
    judge = judges.JUDGES[name]
    answer = _cli.ask([wanted.openclaw, *judge.words], wanted.account, environment, stand_in.place, wanted.timeout)
    answers = list(_cli.objects(answer.out)) or list(_cli.objects(answer.err))
    findings, code, reason = [], None, None
    try:
        if answer.ended != "exit":
            raise judges.NoVerdict(*_unheard(answer, wanted))
        findings = judges.findings_of(name, answers)
        if judge.needs_config and not has_config:
            findings = []
            raise judges.NoVerdict("judged_defaults", "there is no configuration, and it judged OpenClaw's defaults")
    except judges.NoVerdict as no:
        # Hidden before it is cut, or half a secret could be left.
        said = "" if no.code == "judged_defaults" else _cli.printable(words(answer.err or answer.out))
        code, reason = no.code, "%s%s" % (no.reason, ": %s" % said.rstrip(".") if said else "")
    serious = [one for one in findings if one.severity != "info"]
    verdict = "unknown" if code else "findings" if serious else "ok"
    return Heard(verdict, code, reason, answer.code, time.monotonic() - began, findings, answers)


def _unheard(answer, wanted):
    return {
        "timeout": ("timeout", "it did not end within %g seconds, and was ended" % wanted.timeout),
        "flood": ("flood", "it said more than %d bytes, and was ended" % _cli.MAX_OUTPUT),
        "missing": ("openclaw_missing", "%s cannot be run" % wanted.openclaw),
    }[answer.ended]


def told(heard, left_out, words, wanted, copied):
    """Return the result. Pure."""
    findings = [
        dict(
            one._asdict(),
            check=words(one.check),
            path=words(one.path),
            message=_cli.printable(words(one.message)),
            next=_cli.printable(words(one.next)) or None,
        )
        for each in heard.values()
        for one in each.findings
    ]
    findings.sort(key=lambda one: judges.SEVERITIES.index(one["severity"]))
    summary = {severity: sum(one["severity"] == severity for one in findings) for severity in judges.SEVERITIES}
    unknown = left_out or any(each.verdict == "unknown" for each in heard.values())
    state = "errors" if summary["error"] else "unknown" if unknown else "warnings" if summary["warning"] else "clean"
    return {
        "state": state,
        "summary": summary,
        "findings": findings,
        "judges": {
            name: {
                "verdict": each.verdict,
                "code": each.code,
                "reason": each.reason,
                "exit_code": each.exit_code,
                "seconds": round(each.seconds, 1),
                "findings": len(each.findings),
                "command": " ".join(("openclaw",) + judges.JUDGES[name].words),
            }
            for name, each in heard.items()
        },
        "version": next((_version(one) for each in heard.values() for one in each.answers if _version(one)), None),
        "private_copy": {"bytes": copied, "left_out": [words(text) for text in left_out]},
    }


def _version(answer):
    cli = answer.get("cli")
    version = cli.get("version") if isinstance(cli, dict) else None
    return version if isinstance(version, str) else None
