#!/usr/bin/python
# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: openclaw_smoke
short_description: Have a host check its OpenClaw Gateway by itself
version_added: 0.1.0
description:
  - Installs a job of launchd that asks the Gateway every few minutes whether it is alive and ready (C(/healthz) and
    C(/readyz) on the loopback address), and notes the answer in a file that an audit reads.
  - Health only. The job knows no token, restarts nothing, needs neither Node nor the C(openclaw) command, and writes to
    no other file. It runs as the account of the Gateway, in the background.
  - A Gateway that is not healthy is looked at again for a minute (or half of O(interval), if that is less) before it
    counts as failing, so that a planned restart is no outage.
author:
  - clawops.openclaw maintainers (@clawops)
extends_documentation_fragment:
  - clawops.openclaw._attributes
  - clawops.openclaw._launchd
  - clawops.openclaw._launchd.launchctl
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  idempotent:
    support: full
  platform:
    support: full
    platforms: macOS
options:
  user:
    description:
      - Account on the target that the Gateway runs as.
    type: str
    required: true
  state:
    description:
      - V(present), the program is installed and launchd has its job.
      - V(absent), neither is there in any scope, and the status is gone.
    type: str
    choices: [present, absent]
    default: present
  scope:
    description:
      - That of the Gateway. V(daemon), the job runs from boot on. V(agent), while O(user) is logged in at the screen.
    type: str
    choices: [daemon, agent]
    default: daemon
  port:
    description:
      - Port of the Gateway.
    type: int
    default: 18789
  interval:
    description:
      - Seconds between two checks, V(30) to V(86400).
    type: int
    default: 300
notes:
  - The label of the job is O(label) and C(.smoke). Everything else is in a directory of its own below
    C(/Library/Application Support/clawops.openclaw), which OpenClaw never touches.
  - The job is run by the Python that runs this module.
seealso:
  - module: clawops.openclaw.openclaw_probe
  - module: clawops.openclaw.openclaw_info
"""

EXAMPLES = r"""
- name: Have the host look after its Gateway every five minutes
  clawops.openclaw.openclaw_smoke:
    user: openclaw
    interval: 300
  become: true

- name: No longer
  clawops.openclaw.openclaw_smoke:
    user: openclaw
    state: absent
  become: true
"""

RETURN = r"""
label:
  description: Label of the job.
  returned: success
  type: str
  sample: ai.openclaw.gateway.smoke
status:
  description: The file in which the job notes what it saw.
  returned: success
  type: str
  sample: /Library/Application Support/clawops.openclaw/ai.openclaw.gateway/status/smoke.json
actions:
  description:
    - Every launchctl call that was meant to change something, in order, without the word launchctl. In check mode,
      those that would be made.
  returned: success
  type: list
  elements: str
  sample:
    - enable system/ai.openclaw.gateway.smoke
    - bootstrap system /Library/LaunchDaemons/ai.openclaw.gateway.smoke.plist
diff:
  description: Files, directories, definition and job, before and after, where they differ.
  returned: success
  type: list
  elements: dict
  sample: []
failure:
  description: What went wrong and what to do next.
  returned: failure
  type: dict
  contains:
    code:
      description:
        - Stable identifier, C(path_refused) where something else is in the place of a file of the check, else one of
          those of M(clawops.openclaw.openclaw_service).
      type: str
      sample: path_refused
    message:
      description: What is wrong, in one sentence.
      type: str
    layer:
      description: Where the fault lives.
      type: str
      sample: host
    hint:
      description: What to do next.
      type: str
"""

import os
import sys

from ansible_collections.clawops.openclaw.plugins.module_utils import _module
from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure, check_numbers
from ansible_collections.clawops.openclaw.plugins.module_utils._host import smoke
from ansible_collections.clawops.openclaw.plugins.module_utils._service import act, plist, service, target
from ansible_collections.clawops.openclaw.plugins.module_utils._service.launchctl import Launchctl
from ansible_collections.clawops.openclaw.plugins.module_utils._smoke import install

ARGUMENT_SPEC = dict(
    _module.LAUNCHD_SPEC,
    user={"type": "str", "required": True},
    state={"type": "str", "choices": ["present", "absent"], "default": "present"},
    scope={"type": "str", "choices": ["daemon", "agent"], "default": "daemon"},
    port={"type": "int", "default": 18789},
    interval={"type": "int", "default": 300},
    launchctl={"type": "path", "default": "/bin/launchctl"},
)


class Work:
    """One call of the module, and what came of it so far."""

    def __init__(self, module):
        self.options, self.check_mode = module.params, module.check_mode
        check_numbers(self.options, (("port", 1, 65535), ("interval", *install.INTERVALS)))
        self.account = _module.Account.named(self.options["user"])
        self.launchctl = Launchctl.found(self.options["launchctl"])
        self.where = smoke.place(plist.label(self.options["label"]))
        self.diff, self.actions = [], []

    def target(self, scope):
        agents = self.options["launch_agents_dir"] or target.default_agents_directory(self.account.home)
        return target.target(
            scope, plist.label(self.where.label), self.account, self.options["launch_daemons_dir"], agents
        )

    def job(self, scope, state, definition):
        done = service.converge(
            self.launchctl, self.target(scope), self.account, state, definition, act.Patience(1, 0), self.check_mode
        )
        self.diff += done["diff"]
        # Of a real run this is one list, which grows.
        self.actions = self.actions + done["actions"] if self.check_mode else done["actions"]

    def place(self):
        parts = [(part, install.wrong(part)) for part in install.parts(self.where, self.account)]
        self.files([(part.path, found) for part, found in parts if found])
        if not self.check_mode:
            for part, found in parts:
                if found:
                    install.make(part)

    def take_away(self):
        if os.path.lexists(self.where.directory):
            self.files([(self.where.directory, ("directory", "absent"))])
            if not self.check_mode:
                install.remove(self.where)

    def files(self, changes):
        """Note changes of files, and refuse them where they cannot be made."""
        if changes and os.geteuid() != 0:
            raise Failure("denied", "%s has to be changed, which takes root." % changes[0][0], "host",
                          "run the task with become: true.", path=changes[0][0])  # fmt: skip
        for path, (before, after) in changes:
            self.diff.append({"before_header": path, "after_header": path, "before": before + "\n",
                              "after": after + "\n"})  # fmt: skip


def main(module):
    work = Work(module)
    options = work.options
    if options["state"] == "present":
        there = work.target(options["scope"])
        definition = install.definition(
            work.where, sys.executable, options["port"], options["interval"], there.username_key
        )
        work.place()
        work.job(options["scope"], "present", definition)
    else:
        for scope in target.SCOPES:
            work.job(scope, "absent", None)
        work.take_away()
    return {
        "changed": bool(work.diff or work.actions),
        "label": work.where.label,
        "status": work.where.status,
        "actions": work.actions,
        "diff": work.diff,
    }


if __name__ == "__main__":
    _module.run(main, argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
