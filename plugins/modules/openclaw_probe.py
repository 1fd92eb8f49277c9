#!/usr/bin/python
# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: openclaw_probe
short_description: Ask an OpenClaw Gateway how it is, layer by layer
version_added: 0.1.0
description:
  - Looks at a Gateway the way a client does, and says for each layer whether it holds.
  - It opens a TCP connection, reads C(/healthz) and C(/readyz), connects over WebSocket with the token, sends two
    requests, compares the saved configuration with the running one, and knocks on the port on every other address
    of the host.
  - Needs neither Node nor the C(openclaw) command, and takes milliseconds.
  - An unhealthy Gateway does not make this module fail unless O(wait_for) or O(expect) asks for more than it finds.
author:
  - clawops.openclaw maintainers (@clawops)
extends_documentation_fragment:
  - clawops.openclaw._attributes
  - clawops.openclaw._attributes.info_module
  - clawops.openclaw._attributes.actiongroup_gateway
  - clawops.openclaw._instance
  - clawops.openclaw._paths
attributes:
  platform:
    platforms: macOS
    support: full
options:
  host:
    description:
      - Address to connect to.
      - Only the loopback address proves everything. Over any other the Gateway takes the scopes away.
    type: str
    default: 127.0.0.1
  port:
    description:
      - Port of the Gateway.
      - Unless given, C(gateway.port) of C(openclaw.json) in O(state_dir), and 18789 where that says nothing.
    type: int
  token:
    description:
      - Token to prove with.
      - Unless given, the token (or password) that C(openclaw.json) holds as plain text. A reference to a secret or to
        the environment is not followed. The verdict V(auth) is then V(unknown).
    type: str
  wait_for:
    description:
      - What to wait for. Unless given, the module looks once.
      - V(live) waits until the Gateway answers, V(ready) until it also says that it is ready, V(authenticated) until it
        accepts the token, grants C(operator.read) and answers a request, V(stopped) until the port refuses connections.
      - Only what can pass by itself is waited for. A wrong token ends the wait at the first attempt, and a Gateway that
        keeps coming and going ends it too.
      - While C(openclaw.json) is only seconds old the token is held back, because a running Gateway takes about a
        second to notice a new one.
      - In check mode the module looks once and O(wait_for) and O(expect) are not enforced, because what earlier tasks
        of the play would have started is not there.
    type: str
    choices: [live, ready, authenticated, stopped]
  expect:
    description:
      - Verdicts that must be V(ok), or else the module fails. V(paths) stands for all of O(paths).
      - Together with O(wait_for) they are waited for as well, as far as waiting can help, V(paths) aside.
    type: list
    elements: str
    choices: [tcp, live, ready, auth, scope, rpc, config_applied, exposure, paths]
    default: []
  label:
    description:
      - launchd label of the Gateway's job. A wait asks launchd for its process, and ends when that keeps ending.
    type: str
    default: ai.openclaw.gateway
  launchctl:
    description:
      - Absolute path of launchctl. Where there is none, nothing is asked.
    type: path
    default: /bin/launchctl
  timeout:
    description:
      - Seconds that O(wait_for) may take in all.
    type: float
    default: 120
  request_timeout:
    description:
      - Seconds that one look may take in all.
      - OpenClaw delays its answer to a wrong token by up to 5 seconds, so less than 8 may report a wrong token as a
        time-out.
    type: float
    default: 10
notes:
  - The module presents the token at most once on each path to a Gateway that refuses it, and never presents a device,
    since a Gateway pairs a new device on the loopback address without asking.
  - On a host that is short of memory, what is not asked for by name is put off (the code is C(deferred)), and a Gateway
    gets three times as long to read a changed C(openclaw.json).
"""

EXAMPLES = r"""
- name: See how the Gateway is
  clawops.openclaw.openclaw_probe:
    user: openclaw
  become: true
  register: gateway

- name: Wait until the Gateway accepts the token, and prove that it runs what is saved and is not exposed
  clawops.openclaw.openclaw_probe:
    user: openclaw
    wait_for: authenticated
    expect: [ready, config_applied, exposure]
    timeout: 180
  become: true

- name: Prove that the Gateway accepts the token from the vault, whatever the host holds
  clawops.openclaw.openclaw_probe:
    user: openclaw
    token: "{{ vault_gateway_token }}"
    expect: [auth, scope, rpc]
  become: true

- name: See whether every way leads where it should
  clawops.openclaw.openclaw_probe:
    user: openclaw
    token: "{{ vault_gateway_token }}"
    expect: [auth, paths]
    paths:
      - kind: self
      - kind: lan
      - kind: bastion
        hops: [admin@bastion.example.com]
      - kind: advertised
        url: https://gateway.example.com
      - name: forwarded by a proxy that is not trusted
        kind: loopback_forced_host
        host_header: gateway.example.com
        headers: {X-Forwarded-For: 203.0.113.7}
        refusal: [proxy_attribution_required]
  become: true

- name: Wait until the Gateway has gone
  clawops.openclaw.openclaw_probe:
    user: openclaw
    wait_for: stopped
  become: true
"""

RETURN = r"""
state:
  description:
    - What the verdicts come to.
    - V(healthy), every verdict is ok.
    - V(down), nothing listens on the port.
    - V(unreachable), the port takes no connection for another reason.
    - V(foreign), something that is no Gateway answers on the port.
    - V(unresponsive), the port takes connections, but nobody answers as a live Gateway.
    - V(starting), the Gateway is not yet ready.
    - V(draining), the Gateway is finishing its work before it stops or restarts.
    - V(unprotected), the Gateway asks for no secret.
    - V(locked_out), the Gateway refuses the token.
    - V(exposed), the port is open on an address other hosts can reach.
    - V(degraded), another verdict is V(fail).
    - V(unknown), nothing is known to be wrong, but not everything could be told. This is not healthy.
  returned: always
  type: str
  sample: locked_out
code:
  description: Code of the verdict that decided RV(state), null when healthy.
  returned: always
  type: str
  sample: AUTH_TOKEN_MISMATCH
reason:
  description: What was seen, null when healthy.
  returned: always
  type: str
  sample: "the Gateway answered AUTH_TOKEN_MISMATCH: unauthorized: gateway token mismatch (provide gateway auth token)."
layer:
  description: Where the fault lives (input, host, service, network, config, auth), null when healthy.
  returned: always
  type: str
  sample: auth
next:
  description: What to do next, null when healthy.
  returned: always
  type: str
  sample: give this play and openclaw.json the same gateway.auth.token (openclaw_token does it).
step:
  description: Step of the runbook that repairs it (docs/codes.md), null when healthy.
  returned: always
  type: int
  sample: 3
verdicts:
  description:
    - One verdict for each of C(tcp), C(live), C(ready), C(auth), C(scope), C(rpc), C(config_applied) and C(exposure).
    - C(verdict) is V(ok), V(fail), V(unknown) (it could not be told) or V(skipped) (not tried, because of an earlier
      one).
    - C(code) is a stable identifier, null when ok. Codes in capitals are OpenClaw's own.
    - C(reason) says what was seen. C(ms) is the time it took in milliseconds, null when skipped.
  returned: always
  type: dict
  sample:
    tcp: {verdict: ok, code: null, reason: the port takes connections., ms: 0.2}
    live: {verdict: ok, code: null, reason: /healthz says live., ms: 1.1}
    ready: {verdict: ok, code: null, reason: /readyz says ready., ms: 1.4}
    auth: {verdict: ok, code: null, reason: the Gateway accepts the token., ms: 6.8}
    scope: {verdict: ok, code: null, reason: the connection holds operator.read., ms: 0.0}
    rpc: {verdict: ok, code: null, reason: "the Gateway answers a request, and says its health is ok.", ms: 1.0}
    config_applied: {verdict: ok, code: null, reason: the saved configuration is the one that runs., ms: 9.0}
    exposure: {verdict: ok, code: null, reason: refused on 192.0.2.7., ms: 0.4}
path:
  description: Which of RV(paths) decided RV(state), null when it was the Gateway's own vector.
  returned: always
  type: str
  sample: null
paths:
  description:
    - Name of each of O(paths), and what came of it. Of one that names several URLs, each is told by itself.
    - C(state), C(code), C(reason), C(layer), C(next), C(step), C(verdicts) and C(server) are as outside, for this path
      alone, C(kind), C(expect) and C(refusal) as declared, C(to) says where it led.
  returned: always
  type: dict
  sample:
    lan: {kind: lan, state: exposed, code: port_open, layer: network, reason: the port is open on 192.0.2.7.}
pressure:
  description: How short of memory the host is (V(normal), V(warn), V(critical)), null where it does not tell.
  returned: always
  type: str
  sample: normal
server:
  description: What the Gateway says about itself. Each is null when it did not get to say it.
  returned: always
  type: dict
  contains:
    version:
      description: OpenClaw version that runs.
      type: str
      sample: 2026.9.6
    boot_id:
      description: Identity of this run of the Gateway.
      type: str
      sample: 5061442e-b97b-4a52-89f1-7a404af61632
    uptime_ms:
      description: Milliseconds since it started.
      type: int
      sample: 353302
port:
  description: Port that was probed, null when nothing says which.
  returned: always
  type: int
  sample: 18789
attempts:
  description: How often the module looked until it was done waiting.
  returned: always
  type: int
  sample: 7
waited_s:
  description: Seconds waited for O(wait_for).
  returned: always
  type: float
  sample: 6.31
lives:
  description:
    - Processes that launchd had for the Gateway while waiting; where it shows none, different lives of the Gateway met.
    - Three end the wait with the code C(respawning).
  returned: always
  type: int
  sample: 1
boot_ids:
  description: Boot identities met while waiting, as far as the looks got to see them.
  returned: always
  type: list
  elements: str
  sample: [5061442e-b97b-4a52-89f1-7a404af61632]
passages:
  description:
    - What the looks came to, one entry each time that changed, so that an outage a wait has sat out can be told.
    - C(state) is as in RV(state), or V(answering) where a look asked no further than O(wait_for) needs. C(code) is that
      of the verdict that decided it, C(after_s) the seconds since the first look. The last 20 are kept.
  returned: always
  type: list
  elements: dict
  sample:
    - {after_s: 0.01, state: down, code: connection_refused}
    - {after_s: 6.2, state: starting, code: startup_sidecars}
    - {after_s: 8.3, state: healthy, code: null}
unmet:
  description: Verdicts that O(wait_for) and O(expect) ask for and that are not V(ok).
  returned: always
  type: list
  elements: str
  sample: []
failure:
  description: Why the module failed.
  returned: on failure
  type: dict
  contains:
    code:
      description: Stable identifier.
      type: str
      sample: AUTH_TOKEN_MISMATCH
    message:
      description: What was waited for or expected, and what was seen last.
      type: str
      sample: "auth of 127.0.0.1:18789 failed: the Gateway answered AUTH_TOKEN_MISMATCH: unauthorized."
    layer:
      description: Where the fault lives.
      type: str
      sample: auth
    hint:
      description: What to do next.
      type: str
      sample: give this play and openclaw.json the same gateway.auth.token (openclaw_token does it).
    verdict:
      description: Name of the verdict that is the cause. Absent when the cause is no verdict.
      type: str
      sample: auth
    unmet:
      description: Same as RV(unmet). Absent when the cause is no verdict.
      type: list
      elements: str
      sample: [auth, scope, rpc]
"""

import os

from ansible_collections.clawops.openclaw.plugins.module_utils import _module
from ansible_collections.clawops.openclaw.plugins.module_utils._declared import declared
from ansible_collections.clawops.openclaw.plugins.module_utils._failure import check_numbers
from ansible_collections.clawops.openclaw.plugins.module_utils._gateway import declared_paths, verdict
from ansible_collections.clawops.openclaw.plugins.module_utils._gateway.goals import GOALS
from ansible_collections.clawops.openclaw.plugins.module_utils._probe import task

ARGUMENT_SPEC = dict(
    _module.INSTANCE_SPEC,
    host={"type": "str", "default": "127.0.0.1"},
    port={"type": "int"},
    token={"type": "str", "no_log": True},
    wait_for={"type": "str", "choices": [*GOALS, "stopped"]},
    expect={"type": "list", "elements": "str", "choices": [*verdict.NAMES, "paths"], "default": []},
    paths={"type": "list", "elements": "dict", "options": declared_paths.OPTIONS, "default": []},
    label={"type": "str", "default": "ai.openclaw.gateway"},
    launchctl={"type": "path", "default": "/bin/launchctl"},
    timeout={"type": "float", "default": 120},
    request_timeout={"type": "float", "default": 10},
)


def main(module):
    params = module.params
    check_numbers(params, (("port", 1, 65535), ("timeout", 0, 86400), ("request_timeout", 0.1, 600)))
    task.check_paths(params["paths"])
    account = _module.Account.named(params["user"])
    config_path = os.path.join(account.state_dir(params["state_dir"]), "openclaw.json")
    gateway = task.Gateway(account, config_path, *declared(config_path, account, params["port"], params["token"]))
    module.no_log_values.update(gateway.credential.auth.values())
    result, failure = task.run(params, gateway, not module.check_mode)
    if failure:
        module.fail_json(msg=failure.sentence(), failure=failure.as_dict(), **result)
    return result


if __name__ == "__main__":
    _module.run(main, argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
