# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: openclaw_changes
type: notification
short_description: Write down what a playbook changed, or would change, host by host
version_added: 0.1.0
author: clawops.openclaw maintainers (@clawops)
description:
  - Writes one JSON file with every task that reports C(changed), for each host, and with its diff if C(--diff) is
    given.
  - With C(ansible-playbook clawops.openclaw.deploy --check --diff) that is what a deploy would change. The option
    C(plan) of M(clawops.openclaw.openclaw_report) takes the file, and the report of the audit then shows it.
  - The diffs are those that Ansible shows. The modules of this collection put fingerprints in the place of secrets. The
    file is readable by its owner alone.
requirements:
  - Has to be enabled, with C(ANSIBLE_CALLBACKS_ENABLED=clawops.openclaw.openclaw_changes) or C(callbacks_enabled) in
    C(ansible.cfg).
options:
  path:
    description: The file. It is written at the end of the run, and replaced if it is there.
    type: path
    default: openclaw-changes.json
    env:
      - name: OPENCLAW_CHANGES
    ini:
      - section: callback_openclaw_changes
        key: path
"""

import json
import re

from ansible import context
from ansible.plugins.callback import CallbackBase
from ansible_collections.clawops.openclaw.plugins.plugin_utils._report import sinks

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
#: Where modules say which file they are about.
_PLACES = ("path", "plist", "dest")


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "clawops.openclaw.openclaw_changes"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self):
        super().__init__()
        self._hosts = {}
        self._lost = {}

    def v2_playbook_on_play_start(self, play):
        # The hosts that change nothing are told too: nothing to do is an answer.
        for host in play.get_variable_manager().get_vars(play=play).get("ansible_play_hosts_all") or []:
            self._hosts.setdefault(host, [])

    def v2_runner_on_ok(self, result):
        found = result.result
        items = found.get("results") if result.task.loop is not None else None
        for one in items if isinstance(items, list) else [found]:
            if one.get("changed"):
                self._hosts.setdefault(result.host.get_name(), []).append(self._change(result, one))

    def v2_runner_on_failed(self, result, ignore_errors=False):
        if not ignore_errors:
            self._lost[result.host.get_name()] = str(result.result.get("msg") or "failed")

    def v2_runner_on_unreachable(self, result):
        self._lost[result.host.get_name()] = str(result.result.get("msg") or "unreachable")

    def _change(self, result, found):
        asked = (found.get("invocation") or {}).get("module_args") or {}
        places = [place.get(name) for place in (found, asked) for name in _PLACES]
        diff = found.get("diff")
        return {
            # Some releases of ansible-core put the role before the name.
            "task": result.task_name.rpartition(" : ")[2],
            "module": result.task.action,
            "path": next((str(place) for place in places if place), None),
            "diff": _COLOUR.sub("", self._get_diff(diff)).strip("\n") if diff else None,
        }

    def v2_playbook_on_stats(self, stats):
        plan = {
            "check": bool(context.CLIARGS.get("check")),
            "hosts": [
                {"name": name, "changed": changed, "problem": self._lost.get(name)}
                for name, changed in sorted(self._hosts.items())
            ],
        }
        path = self.get_option("path")
        sinks.write(path, json.dumps(plan, indent=2, sort_keys=True) + "\n")
        self._display.display("What changes on which host: %s" % path)
