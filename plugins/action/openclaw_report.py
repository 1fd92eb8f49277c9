# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One report on many hosts, from what openclaw_audit found on each. Runs on the controller and asks no host."""

from __future__ import annotations

import os
import time

from ansible import context
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display
from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure
from ansible_collections.clawops.openclaw.plugins.plugin_utils import _audit_state, _audit_task
from ansible_collections.clawops.openclaw.plugins.plugin_utils._audit import catalogue, fleet, history, waivers
from ansible_collections.clawops.openclaw.plugins.plugin_utils._report import record as records
from ansible_collections.clawops.openclaw.plugins.plugin_utils._report import sinks, text, words

ARGUMENT_SPEC = {
    "hosts": {"type": "list", "elements": "str", "required": True},
    "results": {"type": "str", "required": True},
    "report_dir": {"type": "path", "required": True},
    "state_dir": {"type": "path"},
    "sinks": {"type": "list", "elements": "str", "choices": sorted(sinks.SINKS), "default": ["html", "json"]},
    "modes": {"type": "dict", "default": {}},
    "checks": {"type": "list", "elements": "path"},
    "rules": {"type": "list", "elements": "path", "default": []},
    "waivers": {"type": "list", "elements": "path", "default": []},
    "plan": {"type": "path"},
    "show": {"type": "bool", "default": True},
}
_TIME = "%Y-%m-%dT%H:%M:%SZ"


class ActionModule(ActionBase):
    """Collects, compares, remembers, writes. It writes in check mode too: a report is no change of a host."""

    _supports_check_mode = True
    _supports_async = False
    _requires_connection = False

    def run(self, tmp=None, task_vars=None):
        super().run(tmp, task_vars)
        _result, options = self.validate_argument_spec(argument_spec=ARGUMENT_SPEC)
        try:
            if not _audit_task.can_judge():
                raise _audit_task.CANNOT_JUDGE
            return self._report(options, task_vars)
        except (Failure, catalogue.AuditError) as error:
            failure = error if isinstance(error, Failure) else _audit_task.unusable(error)
            return {"failed": True, "changed": False, "msg": failure.sentence(), "failure": failure.as_dict()}

    def _report(self, options, task_vars):
        checks = catalogue.load(options["checks"] or [_audit_task.CHECKS], options["rules"])
        accepted = waivers.load(options["waivers"] + options["rules"])
        plan = _plan(options["plan"])
        state_dir = options["state_dir"] or os.path.join(options["report_dir"], "state")
        for directory in (options["report_dir"], state_dir):
            _audit_state.private(directory)
        last = _audit_state.read(os.path.join(state_dir, _audit_state.LAST))
        state = _audit_state.read(os.path.join(state_dir, _audit_state.STATE)) or {}

        results = {name: _result_of(task_vars["hostvars"], name, options["results"]) for name in options["hosts"]}
        heard = {name: found for name, found in results.items() if "findings" in found}
        sides = {
            name: {"observation": found["comparable"], "policy": found["policy"]} for name, found in heard.items()}
        across = fleet.judge_fleet(sides, checks)
        everything = list(across)
        for name, found in heard.items():
            everything += _audit_task.unfolded(found, name)
        everything, state = history.mark_drift(everything, state)
        inventory = set(task_vars["groups"]["all"]) | set(options["hosts"])
        everything = waivers.apply(everything, accepted, time.strftime("%Y-%m-%d", time.gmtime()), checks, inventory)
        record = records.build(
            [_row(name, found, [item for item in everything if item.get("host") == name])
             for name, found in results.items()],
            [_audit_task.described(check) for check in checks],
            self._run(options, heard),
            _audit_state.comparable(last, set(options["hosts"])),
            [item for item in everything if item.get("host") is None],
            plan,
        )  # fmt: skip
        for sink, path in record["run"]["reports"].items():
            sinks.write(path, sinks.SINKS[sink][0](record), int(options["modes"].get(sink, "0600"), 8))
        for name, content in (
            (_audit_state.LAST, _audit_state.remembered(record, last, inventory)), (_audit_state.STATE, state),
        ):  # fmt: skip
            sinks.write(os.path.join(state_dir, name), sinks.SINKS["json"][0](content))
        if options["show"]:
            Display().display(text.render(record))
        return {
            "changed": False,
            # No host at all was looked at: an audit that saw nothing has found nothing out.
            "exit_code": records.exit_code(record) if options["hosts"] else 1,
            "findings_hash": record["findingsHash"],
            "msg": "%s %s." % (words.headline(record), words.totals(record).capitalize()),
            "reports": record["run"]["reports"],
            "summary": record["summary"],
        }

    def _run(self, options, heard):
        now = time.time()
        began = min([found["began"] for found in heard.values()], default=now)
        inventory = [str(source) for source in context.CLIARGS.get("inventory") or []]
        return {
            "id": time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(began)),
            "started": time.strftime(_TIME, time.gmtime(began)),
            "finished": time.strftime(_TIME, time.gmtime(now)),
            "inventory": ", ".join(inventory) or None,
            "command": _audit_task.command(context.CLIARGS),
            "reports": {
                sink: os.path.join(options["report_dir"], sinks.SINKS[sink][1]) for sink in options["sinks"]},
        }  # fmt: skip


def _plan(path):
    if not path:
        return None
    plan = _audit_state.read(path)
    if plan is None or not isinstance(plan.get("hosts"), list):
        raise Failure(
            "audit_plan_missing", "%s is no list of changes." % path, "input",
            "make it: ANSIBLE_CALLBACKS_ENABLED=clawops.openclaw.openclaw_changes OPENCLAW_CHANGES=%s "
            "ansible-playbook clawops.openclaw.deploy --check --diff" % path, path=path,
        )  # fmt: skip
    return plan


def _result_of(hostvars, name, variable):
    """Return what the audit of a host came to: its result, or C({reason, unreachable}) where it found nothing out."""
    found = hostvars[name].get(variable) if name in hostvars else None
    if not isinstance(found, dict):
        return {"reason": "it was not audited in this run.", "unreachable": False}
    if "findings" in found:
        return found
    told = " ".join(str(found.get("msg") or "it failed without a word").split())
    return {"reason": told, "unreachable": bool(found.get("unreachable"))}


def _row(name, found, findings):
    if "findings" not in found:
        return {"name": name, "reason": found["reason"], "unreachable": found["unreachable"], "findings": []}
    seen, policy = found["seen"], found["policy"]
    return {
        "name": name,
        "reason": seen["refused"] and "root was refused, and less could be seen: %s." % seen["refused"],
        "class": policy.get("class"),
        "environment": policy.get("environment"),
        "openclaw": seen["openclaw"],
        "macos": seen["macos"],
        "ms": seen["ms"],
        "metrics": found["metrics"],
        "findings": findings,
    }
