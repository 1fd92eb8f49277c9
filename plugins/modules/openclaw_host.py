#!/usr/bin/python
# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: openclaw_host
short_description: Make a Mac fit to run an OpenClaw Gateway with nobody in front of it
version_added: 0.1.0
description:
  - Creates the Gateway's account, sets what C(pmset) has to say about sleep and power cuts, keeps the Gateway's log
    short, sees that the kernel lets it open enough files, and keeps its state directory out of Time Machine and
    Spotlight.
  - Reads everything first, changes only what differs, and reads again to prove it, since commands of macOS end with 0
    without having done anything. What is declared and cannot be read is a failure; nothing is changed then.
  - Only what is declared is touched. FileVault, automatic login and the firewall are told, with what speaks for and
    against, and never changed.
  - A log is copied and emptied in place, as the account of the Gateway, by a job of launchd. The Gateway goes on
    writing without a restart. C(newsyslog) would rename it, and the Gateway would write to the renamed file.
author:
  - clawops.openclaw maintainers (@clawops)
extends_documentation_fragment:
  - clawops.openclaw._attributes
  - clawops.openclaw._attributes.actiongroup_gateway
  - clawops.openclaw._instance
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
  account:
    description:
      - V(present), the account is created where it is missing, as a standard account that no password fits.
      - V(as_is), it has to exist.
    type: str
    choices: [present, as_is]
    default: as_is
  uid:
    description:
      - Number of a new account. Defaults to that of whoever left the home directory behind, else to the first free
        one from V(600) on. An account that exists with another number is refused.
    type: int
  home:
    description:
      - Home directory of a new account. Defaults to C(/Users) and its name. An account that exists with another one
        is refused.
    type: path
  shell:
    description:
      - Login shell. C(/bin/zsh) for a new account; one that exists is changed only where this is declared.
    type: path
  full_name:
    description:
      - What the login window would call it. C(OpenClaw Gateway) for a new account; one that exists is changed only
        where this is declared.
    type: str
  hidden:
    description:
      - Whether the login window leaves it out. A new account is hidden; one that exists is changed only where this is
        declared. An account that shall log in at the screen must not be.
    type: bool
  power:
    description:
      - Settings of C(pmset) and their numbers, for all sources of power. C(lowpowermode) is set as C(powermode) where
        the machine calls it so. A setting that this machine does not have is told in RV(remarks).
    type: dict
    default: {}
  log_rotation:
    description:
      - V(present), a job of launchd copies the logs of the Gateway that are larger than O(log_size), and empties them
        in place. V(absent), there is no such job.
    type: str
    choices: [present, absent, as_is]
    default: as_is
  log_size:
    description:
      - Mebibytes from which on a log is too large, V(1) to V(10240).
    type: int
    default: 10
  log_keep:
    description:
      - Copies to keep of each log (C(gateway.log.1) is the newest), V(1) to V(100).
    type: int
    default: 5
  log_interval:
    description:
      - Seconds between two looks at the logs, V(30) to V(86400).
    type: int
    default: 300
  logs:
    description:
      - Absolute paths of the logs. Defaults to where the definition of the Gateway's job has them, else to
        C(Library/Logs/openclaw/gateway.log) in the home directory of O(user).
    type: list
    elements: path
  max_files:
    description:
      - Least number of files that the whole host can have open (C(kern.maxfiles)). Raised where it is lower, also
        after a boot, by a job of launchd; never lowered. V(0) takes that job away.
      - How many files the Gateway may open is in the definition of its job. See M(clawops.openclaw.openclaw_service).
    type: int
  max_files_per_process:
    description:
      - The same for one process (C(kern.maxfilesperproc)). Goes together with O(max_files).
    type: int
  time_machine:
    description:
      - Whether Time Machine leaves the state directory out. That holds secrets, and databases that change while they
        are copied; on the other hand, what is left out is in no backup.
      - The mark is on the directory itself, which is created where it is missing.
    type: str
    choices: [excluded, included, as_is]
    default: as_is
  spotlight:
    description:
      - Whether a file C(.metadata_never_index) keeps Spotlight out of the state directory. Spotlight leaves out
        directories whose name begins with a dot as well.
    type: str
    choices: [excluded, included, as_is]
    default: as_is
  scope:
    description:
      - That of the Gateway. Nothing is done by it; RV(remarks) tells what an agent needs.
    type: str
    choices: [daemon, agent]
    default: daemon
notes:
  - The labels of the jobs are O(label) with C(.logs) and C(.limits). Both are jobs of the system, also where the
    Gateway is an agent.
  - The job that looks after logs is run by the Python that runs this module.
seealso:
  - module: clawops.openclaw.openclaw_service
  - module: clawops.openclaw.openclaw_info
"""

EXAMPLES = r"""
- name: Make the Mac fit for a Gateway
  clawops.openclaw.openclaw_host:
    user: openclaw
    account: present
    power:
      sleep: 0
      autorestart: 1
      womp: 1
    log_rotation: present
    max_files: 49152
    max_files_per_process: 10240
    time_machine: excluded
    spotlight: excluded
  become: true

- name: See how the Mac is, and change nothing
  clawops.openclaw.openclaw_host:
    user: openclaw
  register: mac
  become: true

- name: Let others look after the logs and the backup
  clawops.openclaw.openclaw_host:
    user: openclaw
    log_rotation: absent
    max_files: 0
    max_files_per_process: 0
    time_machine: included
    spotlight: included
  become: true
"""

RETURN = r"""
account:
  description: The account as it is now, in check mode as it would be.
  returned: success
  type: dict
  sample: {name: openclaw, uid: 600, gid: 20, home: /Users/openclaw, shell: /bin/zsh, full_name: OpenClaw Gateway,
           hidden: true}
changes:
  description: What differed.
  returned: success
  type: list
  elements: dict
  sample: [{part: power, name: sleep, before: "1", after: "0"}]
actions:
  description: Every command that was meant to change something, in order. In check mode, those that would run.
  returned: success
  type: list
  elements: str
  sample: [/usr/bin/pmset -a sleep 0]
logs:
  description: Paths of the logs.
  returned: success
  type: list
  elements: str
  sample: [/Users/openclaw/Library/Logs/openclaw/gateway.log]
facts:
  description:
    - What is told and never changed; V(null) where it cannot be told. C(firewall) is the state that C(socketfilterfw)
      tells, C(indexing) whether Spotlight looks at the disk at all, C(newsyslog) are lines that would rename a log.
  returned: success
  type: dict
  sample: {filevault: false, auto_login: false, auto_login_user: null, console_user: root, firewall: 0, indexing: true,
           administrator: false, newsyslog: []}
remarks:
  description: What a person should know and decide, with what speaks for and against.
  returned: success
  type: list
  elements: dict
  contains:
    code:
      description: Stable identifier.
      type: str
      sample: filevault_off
    message:
      description: What is so, and what follows.
      type: str
    hint:
      description: What can be done.
      type: str
diff:
  description: What differed, before and after, and files and definitions of the jobs.
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
        - Stable identifier, C(option_invalid), C(user_missing), C(account_differs), C(path_refused),
          C(setting_unknown), C(denied), C(not_macos), C(not_proven) where something was set and is still not so, else
          one of those of M(clawops.openclaw.openclaw_service).
      type: str
      sample: not_proven
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

from ansible_collections.clawops.openclaw.plugins.module_utils import _module
from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure
from ansible_collections.clawops.openclaw.plugins.module_utils._mac import act, plan, remarks
from ansible_collections.clawops.openclaw.plugins.module_utils._mac.work import Work
from ansible_collections.clawops.openclaw.plugins.module_utils._service.launchctl import run_process

ARGUMENT_SPEC = dict(
    _module.LAUNCHD_SPEC,
    user={"type": "str", "required": True},
    state_dir={"type": "path"},
    account={"type": "str", "choices": ["present", "as_is"], "default": "as_is"},
    uid={"type": "int"},
    home={"type": "path"},
    shell={"type": "path"},
    full_name={"type": "str"},
    hidden={"type": "bool"},
    power={"type": "dict", "default": {}},
    log_rotation={"type": "str", "choices": ["present", "absent", "as_is"], "default": "as_is"},
    log_size={"type": "int", "default": 10},
    log_keep={"type": "int", "default": 5},
    log_interval={"type": "int", "default": 300},
    logs={"type": "list", "elements": "path"},
    max_files={"type": "int"},
    max_files_per_process={"type": "int"},
    time_machine={"type": "str", "choices": ["excluded", "included", "as_is"], "default": "as_is"},
    spotlight={"type": "str", "choices": ["excluded", "included", "as_is"], "default": "as_is"},
    scope={"type": "str", "choices": ["daemon", "agent"], "default": "daemon"},
    launchctl={"type": "path", "default": "/bin/launchctl"},
)


def main(module, hear=run_process):
    work = Work(module.params, hear)
    found = work.read()
    planned = work.plan(found)
    # Also in a real run first: what launchd would refuse must keep the rest from being changed.
    diff, actions = work.jobs(found, check_mode=True)
    diff = plan.diff(planned.changes) + diff
    actions = [" ".join(deed.words) for deed in planned.deeds if deed.kind in ("command", "account")] + actions
    if diff and os.geteuid() != 0:
        raise Failure("denied", "%s has to be changed, which takes root." % diff[0]["before_header"], "host",
                      "run the task with become: true.")  # fmt: skip
    if diff and not module.check_mode:
        actor = act.Actor(hear, work.account)
        for deed in planned.deeds:
            actor.do(deed)
        done = work.jobs(found, check_mode=False)
        actions = actor.actions + done[1]
        if planned.changes:
            actor.prove(lambda: work.plan(work.read()))
        found = work.read()
    return {
        "changed": bool(diff),
        "account": (found.account or work.account)._asdict(),
        "changes": [change._asdict() for change in planned.changes],
        "actions": actions,
        "logs": work.logs,
        "facts": found.facts,
        "remarks": remarks.remarks(found.facts, work.wanted.user, module.params["scope"], planned.absent),
        "diff": diff,
    }


if __name__ == "__main__":
    _module.run(main, argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
