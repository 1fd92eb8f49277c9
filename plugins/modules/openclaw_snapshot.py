#!/usr/bin/python
# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: openclaw_snapshot
short_description: Rollback points of an OpenClaw Gateway
version_added: 0.1.0
description:
  - Takes a snapshot of everything that says how a Gateway runs, and brings it back, byte for byte, with modes, owners
    and what launchd does with the job.
  - A snapshot holds C(openclaw.json) and the files it includes, environment files, files that hold secrets which it
    refers to, the property lists of the Gateway and of other services like it, the links that say which release is
    current, modes and owners of everything that must be private, and whether each job is loaded and disabled.
  - It does not hold what OpenClaw learns while it runs, such as sessions, paired devices and its databases, of which
    only modes and owners belong to it.
  - Needs neither Node nor the C(openclaw) command, so it also works where these are broken.
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
    details:
      - Contents are shown as the beginning of their digest only, because they hold secrets.
  idempotent:
    support: full
    details:
      - A state that the newest snapshot holds already is not kept a second time.
  platform:
    platforms: macOS
    support: full
options:
  state:
    description:
      - V(present), there is a snapshot of the present state.
      - V(restored), everything is as in the snapshot O(name). What has come since, at a place of OpenClaw's own that
        was empty then, is removed. The job is unloaded and loaded again where its definition comes back, and restarted
        where it has to read something at its start. The state that is replaced is kept as a snapshot, too.
      - V(verified), every content of O(name), or of all snapshots, is there and undamaged. Fails where it is not.
      - V(absent), the snapshot O(name), or every one, is removed.
    type: str
    choices: [present, restored, verified, absent]
    default: present
  name:
    description:
      - Name of a snapshot, as RV(snapshot) and RV(snapshots) tell it.
      - With O(state=restored) the newest one unless given.
    type: str
  paths:
    description:
      - With O(state=restored), bring back only these, and nothing of what launchd does. A running Gateway takes up
        another C(openclaw.json) by itself.
    type: list
    elements: path
    default: []
  reason:
    description:
      - Why it is taken, for those who look for it later.
    type: str
    default: ''
  keep:
    description:
      - How many snapshots there may be. Older ones are removed when one is taken, but never the one that is restored.
    type: int
    default: 10
  root:
    description:
      - Directory below which M(clawops.openclaw.openclaw_release) keeps releases.
    type: path
    default: /opt/openclaw
  directory:
    description:
      - Where snapshots are kept. They hold secrets, so only root may look into it.
      - Unless given, C(/var/db/clawops.openclaw), and in it a directory for O(user) and O(label).
    type: path
notes:
  - Afterwards ask the Gateway itself, with M(clawops.openclaw.openclaw_probe).
seealso:
  - module: clawops.openclaw.openclaw_probe
"""

EXAMPLES = r"""
- name: Have a rollback point
  clawops.openclaw.openclaw_snapshot:
    user: openclaw
    reason: before the upgrade
  become: true
  register: before

- name: See that it is whole
  clawops.openclaw.openclaw_snapshot:
    user: openclaw
    state: verified
    name: "{{ before.snapshot.name }}"
  become: true

- name: Go back to it
  clawops.openclaw.openclaw_snapshot:
    user: openclaw
    state: restored
    name: "{{ before.snapshot.name }}"
  become: true

- name: Keep none
  clawops.openclaw.openclaw_snapshot:
    user: openclaw
    state: absent
  become: true
"""

RETURN = r"""
snapshot:
  description: The snapshot that was taken, found to hold the present state already, or restored; else null. C(loaded)
    is whether the supervisor had the Gateway's job then.
  returned: success
  type: dict
  sample:
    name: 20261122T090102Z-5f2b7a10
    taken: "2026-11-22T09:01:02Z"
    reason: before the upgrade
    openclaw_version: 2026.9.6
    user: openclaw
    label: ai.openclaw.gateway
    state_dir: /Users/openclaw/.openclaw
    root: /opt/openclaw
    sound: true
    digest: sha256:5f2b7a10c6a5b5c2bb2a2f9d2a7f6f0d9a0b0b7e6e4b6a1c2d3e4f5061728394
    files: 7
    entries: 31
    loaded: true
snapshots:
  description: All snapshots, the oldest first. C(problem) says why one cannot be used, C(sound) whether it holds an
    C(openclaw.json) that can be parsed.
  returned: success
  type: list
  elements: dict
  sample:
    - name: 20261122T090102Z-5f2b7a10
      taken: "2026-11-22T09:01:02Z"
      reason: before the upgrade
      sound: true
      problem: null
directory:
  description: Where they are.
  returned: success
  type: str
  sample: /var/db/clawops.openclaw/openclaw/ai.openclaw.gateway
changes:
  description: Paths that were put back, or would be, and what of each, V(content), V(mode) or V(owner).
  returned: success
  type: list
  elements: dict
  sample:
    - path: /Users/openclaw/.openclaw/openclaw.json
      what: [content]
left:
  description: Paths that are not as they were and stay so, because a snapshot has no content of them.
  returned: with O(state=restored)
  type: list
  elements: str
  sample: []
actions:
  description: Calls of launchctl that were made, or would be.
  returned: success
  type: list
  elements: str
  sample: [kickstart -k system/ai.openclaw.gateway]
restarts:
  description: How many times the Gateway was started again, or would be.
  returned: success
  type: int
  sample: 1
failure:
  description: What went wrong and what to do next.
  returned: failure
  type: dict
  contains:
    code:
      description: Stable identifier.
      type: str
      sample: snapshot_damaged
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

from ansible_collections.clawops.openclaw.plugins.module_utils import _module
from ansible_collections.clawops.openclaw.plugins.module_utils._failure import check_numbers
from ansible_collections.clawops.openclaw.plugins.module_utils._service.launchctl import Launchctl
from ansible_collections.clawops.openclaw.plugins.module_utils._service.target import default_agents_directory
from ansible_collections.clawops.openclaw.plugins.module_utils._snapshot import places, task
from ansible_collections.clawops.openclaw.plugins.module_utils._snapshot.store import Store

ARGUMENTS = dict(
    _module.INSTANCE_SPEC,
    state={"type": "str", "choices": ["present", "restored", "verified", "absent"], "default": "present"},
    name={"type": "str"},
    paths={"type": "list", "elements": "path", "default": []},
    reason={"type": "str", "default": ""},
    keep={"type": "int", "default": 10},
    root={"type": "path", "default": "/opt/openclaw"},
    directory={"type": "path"},
    launchctl={"type": "path", "default": "/bin/launchctl"},
    **_module.LAUNCHD_SPEC,
)


def declared(module):
    options = module.params
    check_numbers(options, [("keep", 1, 1000)])
    account = _module.Account.named(options["user"])
    site = places.Site(
        account,
        account.state_dir(options["state_dir"]),
        options["root"],
        options["label"],
        options["launch_daemons_dir"],
        options["launch_agents_dir"] or default_agents_directory(account.home),
    )
    store = Store(options["directory"] or task.default_directory(site))
    work = task.Task(site, store, Launchctl.found(options["launchctl"]), module.check_mode)
    result = {
        "present": lambda: task.take(work, options["reason"], options["keep"]),
        "restored": lambda: task.restore(work, options["name"], options["keep"], options["paths"]),
        "verified": lambda: task.verify(work, options["name"]),
        "absent": lambda: task.remove(work, options["name"]),
    }[options["state"]]()
    return dict(result, snapshots=task.listing(store), directory=store.directory)


def main():
    _module.run(declared, argument_spec=ARGUMENTS, supports_check_mode=True)


if __name__ == "__main__":
    main()
