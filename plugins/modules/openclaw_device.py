#!/usr/bin/python
# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: openclaw_device
short_description: Paired devices and pairing requests of an OpenClaw Gateway
version_added: 0.1.0
description:
  - Lists the devices that are paired with a Gateway and those that ask to be, approves and rejects requests, revokes
    and rotates the tokens of devices, removes devices, and does so for all that have not been used for too long.
  - Everything goes through the running Gateway's own interface on the loopback address, with its shared token. So it
    does not matter whether the version keeps devices in SQLite (2026.9) or in JSON files (2026.7 and before), and
    neither Node nor the C(openclaw) command is needed.
  - OpenClaw's own commands are not idempotent. This module compares first, and proves afterwards by what the Gateway
    lists then.
  - The token of a device is its own affair. A Gateway hands it to the device alone, so this module neither sees nor
    shows nor delivers one.
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
      - Where C(openclaw.json) is not there yet and no Gateway answers, the check takes it that there are no devices.
  diff_mode:
    support: full
  idempotent:
    support: partial
    details:
      - Rotates each time with O(when=always).
  platform:
    platforms: macOS
    support: full
options:
  state:
    description:
      - V(listed) changes nothing.
      - V(approved), the device is paired and holds no more than O(roles) and O(scopes). What it asks for within these
        is approved. What exceeds them is refused, and nothing is changed.
      - V(rejected), neither O(device) asks to be paired nor is O(request) pending.
      - V(revoked), no token of the device is active. It stays paired, and has to ask anew to be let in.
      - V(rotated), the tokens of the device are renewed. The old ones are refused from that moment, and open
        connections are closed. A device that knows the Gateway's own token gets the new one when it connects with that,
        any other has to be paired anew. Tokens that are revoked stay so.
      - V(absent), the device is neither paired nor asking to be.
      - On the loopback address a Gateway pairs any device that presents the Gateway's own token, without asking, also
        after it was revoked or removed. To keep out one that has that token, rotate it first.
    type: str
    choices: [listed, approved, rejected, revoked, rotated, absent]
    default: listed
  device:
    description:
      - Id of the device, or at least 8 characters of its beginning that no other device has.
      - Needed with O(state=approved) and O(when=always), and with O(state=revoked), O(state=rotated) and
        O(state=absent) unless O(max_age) says which devices are meant.
    type: str
  request:
    description:
      - Id of a pairing request.
      - With O(state=approved), approve this request and no other, so that what is approved is what somebody has
        looked at.
      - With O(state=rejected), reject this request, whichever device it is of.
    type: str
  roles:
    description:
      - With O(state=approved), the roles that the device may hold, such as V(operator) and V(node). Needed there.
      - With O(state=revoked) and O(state=rotated), the roles whose tokens are meant. Unless given, all.
    type: list
    elements: str
  scopes:
    description:
      - Scopes that the device may hold with O(state=approved), such as V(operator.read). Unless given, none.
      - As in OpenClaw, V(operator.admin) includes every operator scope, and V(operator.write) includes
        V(operator.read).
    type: list
    elements: str
  max_age:
    description:
      - A number and a unit, V(s), V(m), V(h), V(d) or V(w), such as V(90d).
      - With O(state=revoked) and O(state=absent), only devices that were last used, or approved, longer ago. One that
        is connected is in use. One of which the Gateway does not say when it was used is left alone.
      - With O(state=rotated), only tokens that were issued longer ago.
    type: str
  when:
    description:
      - With O(state=rotated), rotate tokens that are older than O(max_age), or the tokens of O(device) in any case.
      - Unless given, V(max_age).
    type: str
    choices: [max_age, always]
  port:
    description:
      - Port of the Gateway.
      - Unless given, C(gateway.port) of C(openclaw.json) in O(state_dir), and 18789 where that says nothing.
    type: int
  token:
    description:
      - The Gateway's own shared token.
      - Unless given, the token (or password) that C(openclaw.json) holds as plain text. A reference to a secret or to
        the environment is not followed.
    type: str
  request_timeout:
    description:
      - Seconds that one conversation with the Gateway may take in all. There are up to three.
    type: float
    default: 10
notes:
  - The Gateway has to be running. In a play that has just started it or changed its token, wait with
    M(clawops.openclaw.openclaw_probe) and O(clawops.openclaw.openclaw_probe#module:wait_for=authenticated) before.
  - Asks for no more scopes than what is to be done needs. For a role other than V(operator) that is
    C(operator.admin).
  - OpenClaw forgets a pairing request after five minutes.
"""

EXAMPLES = r"""
- name: See which devices are paired and which ask to be
  clawops.openclaw.openclaw_device:
    user: openclaw
  become: true
  register: devices

- name: Remove devices that nobody has used for ninety days
  clawops.openclaw.openclaw_device:
    user: openclaw
    state: absent
    max_age: 90d
  become: true

- name: Renew the tokens of devices once a month
  clawops.openclaw.openclaw_device:
    user: openclaw
    state: rotated
    max_age: 30d
  become: true

- name: No node has a token that it has not used for two weeks
  clawops.openclaw.openclaw_device:
    user: openclaw
    state: revoked
    roles: [node]
    max_age: 2w
  become: true

- name: This device is not paired, and does not ask to be
  clawops.openclaw.openclaw_device:
    user: openclaw
    state: absent
    device: 1091a798b423edf3
  become: true

- name: Let a dashboard in that asks for reading, and for no more
  clawops.openclaw.openclaw_device:
    user: openclaw
    state: approved
    device: "{{ dashboard_device }}"
    roles: [operator]
    scopes: [operator.read]
  become: true

- name: Turn a request down
  clawops.openclaw.openclaw_device:
    user: openclaw
    state: rejected
    request: c2dcb676-a630-4a78-8424-bfebd6fe3587
  become: true
"""

RETURN = r"""
actions:
  description:
    - What was asked of the Gateway, or would be in check mode, in this order. Empty when nothing was to be done.
    - C(action) is V(approve), V(reject), V(revoke), V(rotate) or V(remove). C(request) and C(role) are null where they
      mean nothing.
  returned: success
  type: list
  elements: dict
  sample:
    - action: approve
      device: 1091a798b423edf3d402031bd6bcadec7f2b7ff1a84f42c9b0810c1a58338bad
      request: c2dcb676-a630-4a78-8424-bfebd6fe3587
      role: null
devices:
  description: Paired devices at the end of the run, sorted by id.
  returned: success
  type: list
  elements: dict
  contains:
    device:
      description: Id of the device.
      type: str
      sample: 1091a798b423edf3d402031bd6bcadec7f2b7ff1a84f42c9b0810c1a58338bad
    name:
      description: What an operator has named it, else what it calls itself. Null when neither.
      type: str
      sample: Kitchen Mac
    client:
      description: Kind of client.
      type: str
      sample: cli
    platform:
      description: What it says it runs on.
      type: str
      sample: darwin
    roles:
      description: Roles it was approved for.
      type: list
      elements: str
      sample: [operator]
    scopes:
      description: Scopes it was approved for.
      type: list
      elements: str
      sample: [operator.read]
    connected:
      description: Whether it is connected. Null when the Gateway does not say.
      type: bool
      sample: false
    approved_via:
      description: How it was approved, V(owner) or V(silent) for example. Null before 2026.9.
      type: str
      sample: owner
    approved_at:
      description: When it was approved, UTC.
      type: str
      sample: "2026-09-27T11:17:43Z"
    last_used_at:
      description: When it was last used or approved, UTC. Null when the Gateway does not say.
      type: str
      sample: "2026-09-27T11:17:44Z"
    idle_days:
      description: Whole days since then, 0 when it is connected. Null when nobody knows.
      type: int
      sample: 12
    tokens:
      description: Its tokens by role, without their values, which a Gateway does not tell.
      type: list
      elements: dict
      sample:
        - role: operator
          scopes: [operator.read]
          active: true
          issued_at: "2026-09-27T11:17:43Z"
          last_used_at: "2026-09-27T11:17:44Z"
          revoked_at: null
pending:
  description: Pairing requests at the end of the run, sorted by device.
  returned: success
  type: list
  elements: dict
  contains:
    request:
      description: Id of the request.
      type: str
      sample: c2dcb676-a630-4a78-8424-bfebd6fe3587
    device:
      description: Id of the device that asks.
      type: str
      sample: 1091a798b423edf3d402031bd6bcadec7f2b7ff1a84f42c9b0810c1a58338bad
    name:
      description: What it calls itself.
      type: str
      sample: Kitchen Mac
    client:
      description: Kind of client.
      type: str
      sample: cli
    platform:
      description: What it says it runs on.
      type: str
      sample: darwin
    roles:
      description: Roles it asks for.
      type: list
      elements: str
      sample: [operator]
    scopes:
      description: Scopes it asks for.
      type: list
      elements: str
      sample: [operator.read]
    remote_ip:
      description: Address it asks from.
      type: str
      sample: 203.0.113.7
    repair:
      description: Whether it is paired already and asks anew or for more.
      type: bool
      sample: false
    asked_at:
      description: When it asked first, UTC.
      type: str
      sample: "2026-09-27T11:17:43Z"
version:
  description: OpenClaw version that runs. Null when no Gateway was there to ask.
  returned: success
  type: str
  sample: 2026.9.6
failure:
  description: Why the module failed.
  returned: on failure
  type: dict
  contains:
    code:
      description:
        - Stable identifier. V(request_exceeds), V(device_exceeds), V(device_unknown), V(device_ambiguous),
          V(device_revoked), V(device_token_missing), V(request_superseded), V(request_mismatch),
          V(device_action_refused), V(device_came_back), V(option_missing), V(option_invalid), or one that
          M(clawops.openclaw.openclaw_probe) knows, such as V(connection_refused), V(AUTH_TOKEN_MISMATCH) and
          V(MISSING_SCOPE).
      type: str
      sample: request_exceeds
    message:
      description: What is wrong.
      type: str
      sample: "request c2dcb676-… of device 1091a798b423… asks for more than declared: operator.admin."
    layer:
      description: Where the fault lives.
      type: str
      sample: auth
    hint:
      description: What to do next.
      type: str
      sample: "allow it in 'roles' and 'scopes', or reject the request (state: rejected)."
    done:
      description: Same as RV(actions), of what was carried out before. Absent when nothing had been begun.
      type: list
      elements: dict
      sample: []
"""

import os
import time

from ansible_collections.clawops.openclaw.plugins.module_utils import _module
from ansible_collections.clawops.openclaw.plugins.module_utils._declared import declared
from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure
from ansible_collections.clawops.openclaw.plugins.module_utils._gateway import device_plan, device_work, devices

ARGUMENT_SPEC = dict(
    _module.INSTANCE_SPEC,
    state={"type": "str", "choices": list(device_plan.STATES), "default": "listed"},
    device={"type": "str"},
    request={"type": "str"},
    roles={"type": "list", "elements": "str"},
    scopes={"type": "list", "elements": "str"},
    max_age={"type": "str"},
    when={"type": "str", "choices": ["max_age", "always"]},
    port={"type": "int"},
    token={"type": "str", "no_log": True},
    request_timeout={"type": "float", "default": 10},
)


def foretold(gateway, wish, now, virgin):
    """Look and plan; in check mode on a host where nothing is set up yet, take it that there are no devices."""
    try:
        return device_work.prepare(gateway, wish, now)
    except Failure as failure:
        if not virgin or failure.code not in ("config_missing", "connection_refused"):
            raise
    return device_work.Work(gateway, wish, devices.Listing(), device_plan.plan(wish, devices.Listing(), now))


def main(module):
    params = module.params
    wish = device_plan.wish_of(params)
    device_plan.check_range("port", params["port"], 1, 65535)
    device_plan.check_range("request_timeout", params["request_timeout"], 0.1, 600)
    account = _module.Account.named(params["user"])
    config_path = os.path.join(account.state_dir(params["state_dir"]), "openclaw.json")
    port, credential, port_reason = declared(config_path, account, params["port"], params["token"])
    module.no_log_values.update(credential.auth.values())
    gateway = device_work.Gateway(port, credential, params["request_timeout"], port_reason)
    now = int(time.time() * 1000)
    work = foretold(gateway, wish, now, virgin=module.check_mode and not os.path.lexists(config_path))
    if not module.check_mode:
        work = device_work.commit(work)
    return {
        "changed": bool(work.actions),
        "actions": [action.row() for action in work.actions],
        "devices": [devices.device_row(device, now)
                    for device in sorted(work.listing.paired, key=lambda device: device.id)],
        "pending": [devices.request_row(request)
                    for request in sorted(work.listing.pending, key=lambda request: request.device)],
        "version": work.version,
        "diff": device_plan.as_diff(work.actions, "devices of %s" % gateway.place),
    }


if __name__ == "__main__":
    _module.run(main, argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
