# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One look at a host by openclaw_look, judged here: the host learns no rule, and the result holds no secret."""

from __future__ import annotations

import contextlib
import time

from ansible import context
from ansible.errors import AnsibleConnectionFailure, AnsibleError
from ansible.plugins.action import ActionBase
from ansible_collections.clawops.openclaw.plugins.plugin_utils import _audit_task, _look
from ansible_collections.clawops.openclaw.plugins.plugin_utils._audit import catalogue, fleet, judge
from ansible_collections.clawops.openclaw.plugins.plugin_utils._audit import policy as policies
from ansible_collections.clawops.openclaw.plugins.plugin_utils._report import record

_MODULE = "clawops.openclaw.openclaw_look"
ARGUMENT_SPEC = {
    "user": {"type": "str", "required": True},
    "state_dir": {"type": "path"},
    "label": {"type": "str", "default": "ai.openclaw.gateway"},
    "port": {"type": "int"},
    "root": {"type": "str", "default": "/opt/openclaw"},
    "launchctl": {"type": "str"},
    "launch_daemons_dir": {"type": "str"},
    "launch_agents_dir": {"type": "str"},
    "scope": {"type": "str", "choices": ["daemon", "agent"]},
    "program_arguments": {"type": "list", "elements": "str"},
    "throttle_interval": {"type": "int"},
    "exit_timeout": {"type": "int"},
    "settings": {"type": "dict", "default": {}},
    "baseline": {"type": "dict"},
    "token": {"type": "str", "no_log": True},
    "consumers": {"type": "list", "elements": "dict", "default": []},
    "policy": {"type": "dict", "default": {}},
    "paths": {"type": "list", "elements": "dict", "default": []},
    "operators": {"type": "list", "elements": "str", "default": []},
    "log_hours": {"type": "float", "default": 24.0},
    "request_timeout": {"type": "float", "default": 10.0},
    "probe": {"type": "bool", "default": True},
    "checks": {"type": "list", "elements": "path"},
    "rules": {"type": "list", "elements": "path", "default": []},
    "keep_observation": {"type": "bool", "default": False},
}


# Ansible loads this file before it forks a worker for each host: what is read here is read once for all of them. What
# is wrong with it the task says.
_look.code()
if _audit_task.can_judge():
    with contextlib.suppress(catalogue.AuditError):
        catalogue.load([_audit_task.CHECKS])


class ActionModule(ActionBase):
    """Looks once, then judges."""

    _supports_check_mode = True
    _supports_async = False
    _requires_connection = True

    def run(self, tmp=None, task_vars=None):
        super().run(tmp, task_vars)
        _result, options = self.validate_argument_spec(argument_spec=ARGUMENT_SPEC)
        if not _audit_task.can_judge():
            return self._failed(_audit_task.CANNOT_JUDGE)
        try:
            # Before the host is asked: a rule that cannot be read is no matter of any host.
            checks = catalogue.load(options["checks"] or [_audit_task.CHECKS], options["rules"])
        except catalogue.AuditError as error:
            return self._failed(_audit_task.unusable(error))
        wrong = policies.problems(_audit_task.policy(options, {}))
        if wrong:
            return self._failed(_audit_task.wrong_policy(wrong))
        began = time.time()
        try:
            seen, refused = self._look({"options": _audit_task.look(options), "code": _look.code()}, task_vars)
        except AnsibleConnectionFailure as error:
            # Returned and not raised: a dead host is a row of the report, not a page in the terminal.
            # What ssh itself said comes last, after sentences that are the same for every dead host.
            return {"unreachable": True, "changed": False, "msg": str(error).rpartition(" ssh: ")[2]}
        if seen.get("failed"):
            return seen
        policy = dict(_audit_task.policy(options, seen), inventory=self._inventory())
        found = judge.judge(seen, policy, checks, task_vars["inventory_hostname"])
        answer = {
            "changed": False,
            "began": began,
            **_audit_task.folded(found),
            "counts": _audit_task.counts(found),
            "state": _audit_task.state(found),
            "seen": dict(_audit_task.told(seen), refused=refused),
            "metrics": record.metrics(seen),
            "policy": policy,
            "comparable": fleet.comparable(seen),
        }
        if options["keep_observation"]:
            answer["observation"] = {
                name: part for name, part in seen.items() if name[0] != "_" and name != "invocation"}
        return answer

    @staticmethod
    def _failed(failure):
        return {"failed": True, "changed": False, "msg": failure.sentence(), "failure": failure.as_dict()}

    @staticmethod
    def _inventory():
        """Return the inventory that the commands of repairs name; of several they can name none."""
        sources = context.CLIARGS.get("inventory") or []
        return str(sources[0]) if len(sources) == 1 else None

    def _look(self, asked, task_vars):
        """Run the module once, as root if the task says so and the host lets us, else as who we are.

        What only root may read is then told as unknown by the module itself: less is seen, nothing is made up.

        :returns: (what it returned, why the host refused root, or C(None)).
        """
        refused = None
        try:
            return self._execute_module(module_name=_MODULE, module_args=asked, task_vars=task_vars), None
        except AnsibleConnectionFailure:
            raise
        except AnsibleError as error:
            # Ansible has no class of its own for a sudo that wants a password or does not know us. Nothing ran yet.
            if not self._connection.become:
                raise
            refused = str(error)
        self._connection.set_become_plugin(None)
        return self._execute_module(module_name=_MODULE, module_args=asked, task_vars=task_vars), refused
