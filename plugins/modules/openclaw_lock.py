#!/usr/bin/python
# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: openclaw_lock
short_description: Let only one run at a time work on an OpenClaw Gateway
version_added: 0.1.0
description:
  - Holds a lock on the host for this run of C(ansible-playbook), so that a second one that is started meanwhile leaves
    with a clear word about who is at work.
  - The lock is a lease of O(lease) seconds. A task that holds it already renews it. It is stale when its time is over,
    or when it was taken from this controller by a process that is gone; the next run then takes it over and is told.
  - Changes nothing of the Gateway's, and so never reports a change. A lock that is released leaves nothing behind.
author:
  - clawops.openclaw maintainers (@clawops)
extends_documentation_fragment:
  - clawops.openclaw._attributes
  - clawops.openclaw._attributes.actiongroup_gateway
  - clawops.openclaw._instance
attributes:
  check_mode:
    support: full
    details:
      - A host at which another run is at work is refused in check mode too, since what it predicts would not hold.
  diff_mode:
    support: none
  idempotent:
    support: full
  platform:
    platforms: macOS
    support: full
  action:
    description: What of this runs on the controller.
    support: full
    details:
      - Says who holds the lock, and finds out whether the holder of another one is still there.
options:
  state:
    description:
      - V(held), this run holds the lock.
      - V(released), it does not, and neither does it hold that of another run.
    type: str
    choices: [held, released]
    default: held
  label:
    description:
      - launchd label of the Gateway's job.
    type: str
    default: ai.openclaw.gateway
  lease:
    description:
      - Seconds that what follows may take until the lock is renewed.
    type: int
    default: 900
  rollback_point:
    description:
      - Name of the snapshot (M(clawops.openclaw.openclaw_snapshot)) that this run goes back to if it fails. Kept with
        the lock, for whoever has to take it over.
    type: str
  directory:
    description:
      - Where the lock is. Unless given, beside the snapshots of the Gateway.
    type: path
  run:
    description:
      - Id of the run. The controller fills it in, as it does O(holder), O(controller), O(process) and O(gone).
    type: str
  holder:
    description:
      - Who runs it.
    type: str
  controller:
    description:
      - Machine on which it was started.
    type: str
  process:
    description:
      - Its process there.
    type: str
  gone:
    description:
      - Id of a run that is known to have ended.
    type: str
seealso:
  - module: clawops.openclaw.openclaw_snapshot
"""

EXAMPLES = r"""
- name: Work alone
  clawops.openclaw.openclaw_lock:
    user: openclaw
  become: true

- name: Let others work again
  clawops.openclaw.openclaw_lock:
    user: openclaw
    state: released
  become: true
"""

RETURN = r"""
lock:
  description: The lock that this run holds, null where it has released it.
  returned: success
  type: dict
  sample:
    run: 20261122T120102Z-4711
    holder: alice@controller
    controller: controller/02420a00000a
    process: "4711 Sun Nov 22 12:01:02 2026"
    since: "2026-11-22T12:01:02Z"
    until: "2026-11-22T12:16:02Z"
    rollback_point: null
interrupted:
  description: The lock of an earlier run that did not end, and was taken over; else null.
  returned: success
  type: dict
  sample: null
failure:
  description: What went wrong and what to do next.
  returned: failure
  type: dict
  contains:
    code:
      description: Stable identifier, C(host_locked) where another run is at work.
      type: str
      sample: host_locked
    message:
      description: What is wrong, in one sentence.
      type: str
    layer:
      description: Where the fault lives.
      type: str
      sample: host
    lock:
      description: The other lock.
      type: dict
    hint:
      description: What to do next.
      type: str
"""

import time

from ansible_collections.clawops.openclaw.plugins.module_utils import _module
from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure, check_numbers
from ansible_collections.clawops.openclaw.plugins.module_utils._host import footprint
from ansible_collections.clawops.openclaw.plugins.module_utils._lock import place, record

ARGUMENTS = dict(
    _module.INSTANCE_SPEC,
    state={"type": "str", "choices": ["held", "released"], "default": "held"},
    label={"type": "str", "default": "ai.openclaw.gateway"},
    lease={"type": "int", "default": 900},
    rollback_point={"type": "str"},
    directory={"type": "path"},
    run={"type": "str"},
    holder={"type": "str"},
    controller={"type": "str"},
    process={"type": "str"},
    gone={"type": "str"},
)


def declared(module):
    options = module.params
    check_numbers(options, [("lease", 1, 86400)])
    account = _module.Account.named(options["user"])
    directory = options["directory"] or footprint.own_directory(account.name, options["label"])
    now = time.time()
    whose = [options[name] for name in ("run", "holder", "controller", "process")]
    if None in whose:
        raise Failure("lock_of_nobody", "option 'run', 'holder', 'controller' or 'process' is missing.", "input",
                      "call the module by its name in a playbook: the controller fills them in.")  # fmt: skip
    asked = record.Lock(*whose, since=now, until=now + options["lease"], rollback_point=options["rollback_point"])

    if options["state"] == "released":
        return _release(module, directory, asked)
    if module.check_mode:
        lock, interrupted = record.next_lock(place.read(directory), asked, now, options["gone"])
    else:

        def take(known):
            lock, interrupted = record.next_lock(known, asked, now, options["gone"])
            return lock, (lock, interrupted)

        lock, interrupted = place.change(directory, take)
    return {"changed": False, "lock": lock.told(), "interrupted": interrupted and interrupted.told()}


def _release(module, directory, asked):
    known = place.read(directory)
    if known is not None and known.run == asked.run and not module.check_mode:
        place.release(directory, asked.run, footprint.SNAPSHOTS)
    return {"changed": False, "lock": None, "interrupted": None}


def main():
    _module.run(declared, argument_spec=ARGUMENTS, supports_check_mode=True)


if __name__ == "__main__":
    main()
