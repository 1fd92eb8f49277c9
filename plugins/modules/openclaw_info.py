#!/usr/bin/python
# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: openclaw_info
short_description: See what there is of an OpenClaw Gateway on a host
version_added: 0.1.0
description:
  - One read-only look at a host, with a section per concern. It replaces facts, and a row of small tasks.
  - A section that cannot be told says why in its C(error) and blinds no other. The module does not fail for it.
  - Says so when the host is no Mac.
  - Starts neither Node nor the C(openclaw) command. Secrets appear as fingerprints only.
author:
  - clawops.openclaw maintainers (@clawops)
extends_documentation_fragment:
  - clawops.openclaw._attributes
  - clawops.openclaw._attributes.info_module
  - clawops.openclaw._attributes.actiongroup_gateway
  - clawops.openclaw._instance
  - clawops.openclaw._launchd
  - clawops.openclaw._launchd.launchctl
attributes:
  platform:
    support: full
    platforms: macOS
options:
  port:
    description:
      - Port to look at.
      - Unless given, C(gateway.port) of C(openclaw.json), and 18789 where that says nothing.
    type: int
  root:
    description:
      - Directory of the releases, as for M(clawops.openclaw.openclaw_release).
    type: path
    default: /opt/openclaw
notes:
  - Needs C(become) to see what belongs to O(user).
seealso:
  - module: clawops.openclaw.openclaw_probe
"""

EXAMPLES = r"""
- name: See what there is
  become: true
  clawops.openclaw.openclaw_info:
    user: openclaw
  register: seen

- name: Say who holds the port
  ansible.builtin.debug:
    var: seen.port.listeners
"""

RETURN = r"""
schema_version:
  description: Grows when a key of a section changes its meaning or goes away.
  returned: always
  type: int
  sample: 1
platform:
  description: The machine. Like every section it has C(ms), the milliseconds it took, and C(error), null or why it
    could not be told.
  returned: always
  type: dict
  sample: {system: Darwin, macos: "26.3", build: 25D60, arch: arm64, python: 3.9.6, hostname: mini01, ms: 0.9, error:
    null}
account:
  description: The account.
  returned: always
  type: dict
  sample: {name: openclaw, exists: true, uid: 502, gid: 20, home: /Users/openclaw, ms: 0.1, error: null}
config:
  description:
    - C(openclaw.json). C(parseable) is null when there is no such file; when it is false, C(problem), C(line) and
      C(column) say where.
    - C(mode), C(bind), C(port) and C(auth_mode) are those of C(gateway), as written.
  returned: always
  type: dict
  sample:
    path: /Users/openclaw/.openclaw/openclaw.json
    exists: true
    parseable: true
    problem: null
    line: null
    column: null
    digest: sha256:3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b8557
    mode: local
    bind: loopback
    port: 18789
    auth_mode: token
    file_mode: "0600"
    uid: 502
    ms: 1.2
    error: null
token_sources:
  description:
    - How many distinct places could supply the server's token (C(count)), the fingerprint of the first of them, every
      place that holds a token or password (C(sources), as in M(clawops.openclaw.openclaw_token)), and the places that
      could not be looked at (C(unreadable)).
  returned: always
  type: dict
  sample: {count: 1, fingerprint: "sha256:0123456789ab", sources: [], ms: 0.7, error: null}
service:
  description:
    - The launchd label, and for each scope whether launchd has it (C(loaded), null when it did not say), the job,
      the property lists that
      define the label, and C(error).
  returned: always
  type: dict
  sample:
    label: ai.openclaw.gateway
    scopes:
      - scope: daemon
        target: system/ai.openclaw.gateway
        domain_present: true
        loaded: true
        state: running
        pid: 4711
        runs: 1
        throttle_interval: 30
        exit_timeout: 30
        last_exit: null
        path: /Library/LaunchDaemons/ai.openclaw.gateway.plist
        username: openclaw
        program: /opt/openclaw/current/node/bin/node
        plists: [/Library/LaunchDaemons/ai.openclaw.gateway.plist]
        error: null
    ms: 14.1
    error: null
gui:
  description: Whether launchd has a GUI domain for the account, null when it did not say.
  returned: always
  type: dict
  sample: {domain: gui/502, present: false, ms: 0.0, error: null}
port:
  description:
    - Who listens on the port. C(reader) is V(lsof) or V(proc); both it and C(listeners) are null when nobody could
      tell.
    - C(elsewhere) of a listener says that its address is neither loopback nor all addresses.
    - C(answers) says whether loopback takes connections, C(version) what OpenClaw answers there.
  returned: always
  type: dict
  sample:
    port: 18789
    reader: lsof
    listeners:
      - {pid: 4711, ppid: 1, command: node, user: openclaw, address: 127.0.0.1, elsewhere: false}
    answers: true
    version: 2026.9.6
    ms: 31.0
    error: null
storage:
  description: For the state directory and the root of the releases, or the nearest directory above that exists, what
    it would take.
  returned: always
  type: dict
  sample:
    state:
      path: /Users/openclaw/.openclaw
      exists: true
      nearest: /Users/openclaw/.openclaw
      read_only: false
      writable: true
      free_bytes: 214748364800
      mode: "0700"
      uid: 502
    root:
      path: /opt/openclaw
      exists: true
      nearest: /opt/openclaw
      read_only: false
      writable: null
      free_bytes: 214748364800
      mode: "0755"
      uid: 0
    ms: 0.2
    error: null
release:
  description: The releases below the root, and since when (seconds since the epoch) the current one is that.
  returned: always
  type: dict
  sample:
    root: /opt/openclaw
    current: releases/2026.9.6
    version: 2026.9.6
    versions: [2026.9.6]
    node_versions: [24.21.0]
    since: 1795242062
    ms: 0.2
    error: null
footprint:
  description: Every place that this collection or OpenClaw writes to and that exists.
  returned: always
  type: dict
  sample:
    places:
      - {path: /opt/openclaw, mode: "0755", uid: 0, what: releases}
      - {path: /Users/openclaw/.openclaw, mode: "0700", uid: 502, what: state}
    ms: 0.3
    error: null
failure:
  description: Why the module failed, which only wrong options make it do.
  returned: on failure
  type: dict
  contains:
    code:
      description: Stable identifier.
      type: str
      sample: option_invalid
    message:
      description: What is wrong.
      type: str
      sample: option 'port' is 70000, but must be from 1 to 65535.
    layer:
      description: Where the fault lives.
      type: str
      sample: input
    hint:
      description: What to do next.
      type: str
      sample: correct 'port' in the task.
"""

from ansible_collections.clawops.openclaw.plugins.module_utils import _module
from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure
from ansible_collections.clawops.openclaw.plugins.module_utils._host import observe

ARGUMENT_SPEC = dict(
    _module.INSTANCE_SPEC,
    label={"type": "str", "default": "ai.openclaw.gateway"},
    port={"type": "int"},
    root={"type": "path", "default": "/opt/openclaw"},
    launchctl={"type": "path", "default": "/bin/launchctl"},
    launch_daemons_dir={"type": "path", "default": "/Library/LaunchDaemons"},
    launch_agents_dir={"type": "path"},
)


def main(module):
    port = module.params["port"]
    if port is not None and not 1 <= port <= 65535:
        raise Failure(
            "option_invalid",
            "option 'port' is %d, but must be from 1 to 65535." % port,
            "input",
            "correct 'port' in the task.",
            option="port",
        )
    return observe.observe(observe.Wanted(**module.params))


if __name__ == "__main__":
    _module.run(main, argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
