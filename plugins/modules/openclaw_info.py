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
  program_arguments:
    description:
      - Command of the declared job, as for M(clawops.openclaw.openclaw_service). RV(service) then tells in C(drift) in
        which keys the definition on disk, and the one that launchd has loaded, differ from the one that
        M(clawops.openclaw.openclaw_service) would install.
      - Without it only O(throttle_interval), O(exit_timeout) and O(scope) are compared, where they are given.
    type: list
    elements: str
  throttle_interval:
    description:
      - ThrottleInterval of the declared job, in seconds, 5 to 3600.
    type: int
  exit_timeout:
    description:
      - ExitTimeOut of the declared job, in seconds, 1 to 600.
    type: int
  scope:
    description:
      - Scope of the declared job. A label that is defined or loaded in the other one is a difference.
    type: str
    choices: [daemon, agent]
  settings:
    description:
      - Dotted paths of managed keys of C(openclaw.json), to be told in C(managed) of RV(config).
    type: list
    elements: str
    default: []
  paths:
    description:
      - Further ways to the Gateway to walk, as O(clawops.openclaw.openclaw_probe#module:paths) of
        M(clawops.openclaw.openclaw_probe). Those that begin on the controller are left out.
    type: list
    elements: dict
    default: []
  log_hours:
    description:
      - How many hours of the logs are read.
    type: float
    default: 24
  log_mib:
    description:
      - How many MiB of the end of each log are read at most.
    type: float
    default: 1
  request_timeout:
    description:
      - Seconds that one look at the Gateway may take.
    type: float
    default: 10
  probe:
    description:
      - Whether the Gateway is asked itself.
    type: bool
    default: true
  operators:
    description:
      - Accounts of people who work on the host. Their PATH, their C(openclaw) command and their launchd agents are
        looked at too. Those that do not exist are left out.
    type: list
    elements: str
    default: []
notes:
  - Needs C(become) to see what belongs to O(user). What a run without it could not see is null, and RV(privilege) says
    what it ran as.
  - Writes nothing on the host.
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

- name: Compare the job with what it shall be, and look at what the people of the host would start
  become: true
  clawops.openclaw.openclaw_info:
    user: openclaw
    scope: daemon
    program_arguments:
      - /opt/openclaw/current/node/bin/node
      - /opt/openclaw/current/lib/node_modules/openclaw/dist/index.js
      - gateway
      - --port
      - "18789"
    throttle_interval: 30
    operators: [admin]
  register: seen
"""

RETURN = r"""
schema_version:
  description:
    - Grows when a key of a section changes its meaning or goes away.
  returned: always
  type: int
  sample: 2
survey_ms:
  description:
    - How long the whole look took, in milliseconds.
  returned: always
  type: float
  sample: 108.4
platform:
  description:
    - The machine. Like every section it has C(ms), the milliseconds it took, and C(error), null or why it could not
      be told.
    - In every section a null is what could not be told; it never means that all is well.
  returned: always
  type: dict
  sample:
    system: Darwin
    macos: "26.3"
    build: 25D125
    arch: arm64
    python: 3.9.6
    hostname: mini01
    ms: 0.9
    error: null
account:
  description:
    - The account.
  returned: always
  type: dict
  sample: {name: openclaw, uid: 502, gid: 20, home: /Users/openclaw, exists: true, ms: 0.0, error: null}
privilege:
  description:
    - What the module ran as, and so what it may see. C(may_read_account) is null when there is no such account.
  returned: always
  type: dict
  sample: {uid: 0, is_root: true, may_read_account: true, ms: 0.0, error: null}
config:
  description:
    - C(openclaw.json). C(parseable) is null when there is no such file; when it is false, C(problem), C(line) and
      C(column) say where.
    - C(mode), C(bind), C(port) and C(auth_mode) are those of C(gateway), as written.
    - C(values) are the leaves that an audit compares, C(managed) those of O(settings), secrets as fingerprints;
      C(absent) are those of O(settings) that are not set.
    - C(unresolved) are paths with a variable that nothing known gives to the Gateway.
  returned: always
  type: dict
  sample:
    exists: true
    parseable: true
    problem: null
    line: null
    column: null
    digest: sha256:22c151f41ce737f5f727785bc067cfc731e9264f150447c66b3c0496dc8a782d
    mode: local
    bind: loopback
    port: 18789
    auth_mode: token
    file_mode: "0600"
    uid: 502
    path: /Users/openclaw/.openclaw/openclaw.json
    values:
      gateway.mode: local
      gateway.port: 18789
      gateway.bind: loopback
      gateway.auth.mode: token
      gateway.auth.token: sha256:a797d06ce63b
    values_truncated: false
    managed: {}
    absent: []
    managed_digest: null
    legacy_keys: []
    problems: []
    includes: []
    unresolved: []
    ms: 0.9
    error: null
locks:
  description:
    - Locks and sockets of the Gateway, those whose process is gone (C(stale), C(orphans)), and what interrupted runs
      left.
  returned: always
  type: dict
  sample:
    locks:
      - path: /Users/openclaw/.openclaw/tmp/openclaw-502/gateway.276957c0.lock
        pid: 4711
        age_s: 1725
        alive: true
    stale: []
    sockets: []
    orphans: []
    leftovers: []
    unreadable: []
    ms: 0.8
    error: null
files:
  description:
    - Files that must be private or must not be written by others, with what is wrong about them in C(problem).
  returned: always
  type: dict
  sample:
    entries:
      - path: /Users/openclaw/.openclaw/openclaw.json
        what: configuration
        kind: file
        mode: "0600"
        uid: 502
        gid: 20
        exists: true
        secret: true
        problem: null
    problems: []
    unreadable: []
    complete: true
    ms: 1.1
    error: null
devices:
  description:
    - Paired devices and those that ask to be, as far as the state database or files can be read.
  returned: always
  type: dict
  sample:
    store: sqlite
    paired:
      - {id: 4f2a91c0, name: laptop, roles: [operator], scopes: [operator.read], last_seen_s: 3600, revoked: false}
    paired_count: 1
    pending: []
    pending_count: 0
    oldest_pending_s: null
    expired_count: 0
    stale: []
    problem: null
    ms: 3.1
    error: null
channels:
  description:
    - Configured channels, and who asks to be let in.
  returned: always
  type: dict
  sample:
    configured: [{name: telegram, enabled: true, dm_policy: pairing, allow_from_count: 1, open: false}]
    pending_count: 0
    pairing_pending: []
    problem: null
    ms: 0.1
    error: null
plugins:
  description:
    - Registered plugins and whether they are there.
  returned: always
  type: dict
  sample:
    entries:
      - {id: memory-core, enabled: true, path: /Users/openclaw/.openclaw/extensions/memory-core, exists: true}
    stale: []
    load_paths: []
    problem: null
    ms: 0.9
    error: null
logs:
  description:
    - What the logs say within the window, counted. C(counters) is per kind of line and cause, C(signatures) per known
      fault.
  returned: always
  type: dict
  sample:
    hours: 24
    complete: true
    logs: []
    counters: {closes: {}, starts: {process: 1, ready: 1}}
    signatures: {}
    restart_causes: []
    ms: 5.2
    error: null
storage:
  description:
    - For the state directory and the root of the releases, or the nearest directory above that exists, what it would
      take.
  returned: always
  type: dict
  sample:
    state:
      path: /Users/openclaw/.openclaw
      exists: true
      nearest: /Users/openclaw/.openclaw
      read_only: false
      writable: true
      free_bytes: 75362287616
      mode: "0700"
      uid: 502
    root:
      path: /opt/openclaw
      exists: true
      nearest: /opt/openclaw
      read_only: false
      writable: null
      free_bytes: 75362287616
      mode: "0755"
      uid: 0
    ms: 0.2
    error: null
release:
  description:
    - The releases below the root, the Node of the current one, and since when (seconds since the epoch) it is that.
    - C(upgrade) is the release that shall take over in an upgrade that was begun and is neither proven nor undone.
  returned: always
  type: dict
  sample:
    root: /opt/openclaw
    current: releases/2026.9.6
    version: 2026.9.6
    versions: [2026.9.6]
    node_version: 24.21.0
    node_versions: [24.21.0]
    since: 1795308913
    upgrade: null
    ms: 0.3
    error: null
memory:
  description:
    - Memory pressure as the system has it, sizes, and the load of the last minute.
  returned: always
  type: dict
  sample:
    pressure: normal
    total_bytes: 17179869184
    available_bytes: 10823317585
    swap_total_bytes: 2147483648
    swap_used_bytes: 957612032
    load1: 1.42
    ms: 0.9
    error: null
service:
  description:
    - The launchd label, and for each scope whether launchd has it (C(loaded), null when it did not say), the job, the
      property lists that define the label, the one that counts (C(definition)), whether an override disables it, and
      C(error).
    - C(owner) is who wrote the definition, V(ours), V(openclaw), V(homebrew) or V(other). C(written) says who wrote the
      file last, what in it says so, and when. C(supervised_by) are the
      targets under which launchd has the label.
    - C(drift) compares with the declared job. It is null when nothing is declared or nothing is there to compare.
      C(drift_error) says why a declared value was refused.
    - C(loaded_is_stale) says that launchd holds something else than the file, C(stale_keys) in which keys.
    - C(others) are other services of OpenClaw or its forerunners; C(gateway) says whether their command starts a
      Gateway. C(unseen) are property lists, directories and domains of launchd that could not be looked into for such.
    - C(throttled) says that launchd delays the next spawn, C(parked) that it keeps a loaded job without a process.
  returned: always
  type: dict
  sample:
    label: ai.openclaw.gateway
    scopes:
      - state: running
        pid: 4711
        runs: 1
        throttle_interval: 30
        exit_timeout: 30
        last_exit: null
        path: /Library/LaunchDaemons/ai.openclaw.gateway.plist
        username: openclaw
        program: /opt/openclaw/current/node/bin/node
        scope: daemon
        target: system/ai.openclaw.gateway
        domain_present: true
        loaded: true
        plists: [/Library/LaunchDaemons/ai.openclaw.gateway.plist]
        definition:
          path: /Library/LaunchDaemons/ai.openclaw.gateway.plist
          mode: "0644"
          uid: 0
          symlink: false
          valid: true
          problem: null
          throttle_interval: 10
          exit_timeout: 30
          keep_alive: true
          run_at_load: true
          process_type: Interactive
          umask: "0077"
          files_limit: 10240
          username: openclaw
          program_arguments:
            - /opt/openclaw/current/node/bin/node
            - /opt/openclaw/current/lib/node_modules/openclaw/dist/index.js
            - gateway
            - --port
            - '18789'
          environment:
            - HOME
            - LOGNAME
            - OPENCLAW_NO_RESPAWN
            - OPENCLAW_SERVICE_REPAIR_POLICY
            - OPENCLAW_SUPERVISOR_MODE
            - PATH
            - USER
          secrets: []
          stdout: /Users/openclaw/Library/Logs/openclaw/gateway.log
          stderr: /Users/openclaw/Library/Logs/openclaw/gateway.log
          owner: ours
          written: {by: this collection, evidence: [is byte for byte as it writes them], at: "2026-11-22T23:14:05Z"}
          digest: sha256:c8facdebeb723d06e1fc7d13af5359962cac4e705e52306b4d6ae60d4594a2d0
        disabled: false
        error: null
    owner: ours
    supervised_by: [system/ai.openclaw.gateway]
    loaded_count: 1
    definition_count: 1
    others:
      - label: bot.clawdbot.gateway
        domain: gui/502
        path: /Users/openclaw/Library/LaunchAgents/bot.clawdbot.gateway.plist
        program: /opt/homebrew/bin/clawdbot
        pid: null
        loaded: false
        why: label
        gateway: true
    drift: [{where: file, scope: daemon, key: ThrottleInterval, want: 30, have: 10}]
    drift_error: null
    loaded_is_stale: true
    stale_keys: [ThrottleInterval]
    unseen: []
    throttled: false
    parked: false
    ms: 14.1
    error: null
gui:
  description:
    - Whether launchd has a GUI domain for the account, null when it did not say.
  returned: always
  type: dict
  sample: {domain: gui/502, present: false, ms: 0.0, error: null}
smoke:
  description:
    - What the host has seen when it checked its Gateway by itself (M(clawops.openclaw.openclaw_smoke)).
    - C(silent) is whether nothing is heard of it, C(problem) why. C(outages) are those of the last day, and C(lasts) is
      whether one is not over.
  returned: always
  type: dict
  sample:
    label: ai.openclaw.gateway.smoke
    path: /Library/Application Support/clawops.openclaw/ai.openclaw.gateway/status/smoke.json
    installed: true
    loaded: true
    interval: 300
    silent: false
    problem: null
    age_s: 117.2
    state: healthy
    since_s: 40317.2
    failures: 0
    verdicts:
      live: {verdict: ok, code: null, reason: /healthz says live.}
      ready: {verdict: ok, code: null, reason: /readyz says ready.}
    outages:
      - code: connection_refused
        reason: nothing listens on port 18789.
        checks: 2
        began_s: 40917.2
        ended_s: 40317.2
        lasts: false
    ms: 0.2
    error: null
token_sources:
  description:
    - How many distinct places could supply the server's token (C(count)), the fingerprint of the first of them, every
      place that holds a token or password (C(sources), as in M(clawops.openclaw.openclaw_token)), and the places that
      could not be looked at (C(unreadable)).
  returned: always
  type: dict
  sample:
    count: 1
    fingerprint: sha256:a797d06ce63b
    sources:
      - kind: config
        location: /Users/openclaw/.openclaw/openclaw.json
        line: 8
        live: true
        fingerprint: sha256:a797d06ce63b
        owner: ours
        name: gateway.auth.token
        credential: token
        whose: null
        reference: null
    unreadable: []
    conflicts: false
    placeholder: []
    weak: []
    remote_fingerprint: null
    since: "2026-11-22T00:55:18Z"
    age_days: 0.02
    ms: 4.2
    error: null
backups:
  description:
    - Copies of the configuration, and the fingerprints of the secrets in them.
  returned: always
  type: dict
  sample:
    entries:
      - path: /Users/openclaw/.openclaw/openclaw.json.bak
        owner: openclaw
        mode: "0600"
        uid: 502
        bytes: 412
        age_s: 86400
        fingerprints: ['sha256:0123456789ab']
        readable_by_others: false
    count: 1
    with_current_token: 0
    with_secrets: 1
    unreadable: []
    ms: 0.2
    error: null
port:
  description:
    - Who listens on the port. C(reader) is V(lsof) or V(proc); both it and C(listeners) are null when nobody could
      tell.
    - C(elsewhere) of a listener says that its address is neither loopback nor all addresses.
    - C(foreign) are listeners that are neither the job nor a child of it, null when launchd did not tell the job's
      process. C(others) are further ports that Gateways hold.
    - C(answers) says whether loopback takes connections, C(version) what OpenClaw answers there.
  returned: always
  type: dict
  sample:
    port: 18789
    reader: lsof
    listeners:
      - {pid: 4711, ppid: 1, command: node, user: openclaw, address: 127.0.0.1, elsewhere: false, port: 18789}
    answers: true
    version: 2026.9.6
    foreign: []
    elsewhere: []
    everywhere: false
    others: []
    ms: 31.0
    error: null
roots:
  description:
    - Configuration roots of the account, which processes use them, and the one that the job loads.
  returned: always
  type: dict
  sample:
    roots:
      - path: /Users/openclaw/.openclaw
        kind: state
        config: /Users/openclaw/.openclaw/openclaw.json
        config_exists: true
        digest: sha256:22c151f41ce737f5f727785bc067cfc731e9264f150447c66b3c0496dc8a782d
        mode: "0700"
        uid: 502
        used_by: [{pid: 4711, command: node index.js gateway, how: HOME}]
    count: 1
    loaded: /Users/openclaw/.openclaw/openclaw.json
    other_used: false
    unreadable: []
    ms: 1.5
    error: null
providers:
  description:
    - Credentials of model providers by agent, as fingerprints, and what is configured without one.
  returned: always
  type: dict
  sample:
    agents:
      - agent: main
        path: /Users/openclaw/.openclaw/agents/main/agent/openclaw-agent.sqlite
        store: sqlite
        credentials: [{provider: anthropic, kind: api_key, fingerprint: 'sha256:0123456789ab', expires_in_s: null}]
    configured: [anthropic]
    missing: []
    inline: []
    local_backends: []
    long_context: []
    problems: []
    ms: 1.2
    error: null
gateway:
  description:
    - What the Gateway answers, as in M(clawops.openclaw.openclaw_probe). Without O(probe) C(asked) is false and the
      rest null.
  returned: always
  type: dict
  sample:
    asked: true
    state: healthy
    code: null
    reason: null
    layer: null
    next: null
    step: null
    pressure: normal
    verdicts: {tcp: {verdict: ok, code: null, reason: the port takes connections., ms: 0.3}}
    server: {version: 2026.9.6, boot_id: 0b87b2e4-d677-4f49-91ef-aa7fb5bae5ec, uptime_ms: 1736179}
    paths: {}
    self: null
    ms: 24.0
    error: null
installs:
  description:
    - Every C(openclaw) and C(node) on the PATH of the service, of the account's login shell and of each of
      O(operators), and those that the job starts (V(gateway) in C(seen_by)). Versions come from files and paths;
      nothing is run. PATHs come from the text of start files.
    - C(cli) is what an operator starts who types C(openclaw). C(skew) says that somebody starts another one than the
      service runs.
  returned: always
  type: dict
  sample:
    openclaw:
      - path: /opt/openclaw/current/lib/node_modules/openclaw/dist/index.js
        real: /opt/openclaw/releases/2026.9.6/lib/node_modules/openclaw/dist/index.js
        version: 2026.9.6
        via: release
        seen_by: [gateway]
      - path: /opt/homebrew/bin/openclaw
        real: /opt/homebrew/lib/node_modules/openclaw/openclaw.mjs
        version: 2026.7.1
        via: npm
        seen_by: ['operator:admin']
    node:
      - path: /opt/openclaw/current/node/bin/node
        real: /opt/openclaw/node/24.21.0/bin/node
        version: 24.21.0
        via: release
        seen_by: [service, gateway]
    versions: [2026.7.1, 2026.9.6]
    node_versions: [24.21.0]
    service:
      openclaw: /opt/openclaw/releases/2026.9.6/lib/node_modules/openclaw
      openclaw_version: 2026.9.6
      node: /opt/openclaw/current/node/bin/node
      node_version: 24.21.0
      engines: '>=24.16.0 <25 || >=26.1.0'
      engines_ok: true
    cli: {openclaw: /opt/homebrew/bin/openclaw, version: 2026.7.1}
    skew: true
    path:
      service: /opt/openclaw/current/node/bin:/usr/bin:/bin:/usr/sbin:/sbin
      login: /usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin
      operator:admin: /opt/homebrew/bin:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin
    unreadable: []
    ms: 2.8
    error: null
headless:
  description:
    - Whether the Mac comes back and stays up by itself. C(sleep) and C(disksleep) are minutes, 0 for never.
    - C(source) is where the power settings come from, V(preferences) or V(pmset). C(auto_login) says whether
      C(auto_login_user) is logged in at boot, C(console_user) who sits at the screen.
  returned: always
  type: dict
  sample:
    sleep: 0
    disksleep: 0
    standby: 0
    autorestart: 1
    womp: 1
    lowpowermode: 0
    filevault: false
    auto_login_user: null
    auto_login: false
    console_user: root
    source: pmset
    ms: 12.3
    error: null
footprint:
  description:
    - Every place that this collection or OpenClaw writes to and that exists.
  returned: always
  type: dict
  sample:
    places:
      - {path: /opt/openclaw, mode: "0755", uid: 0, what: releases}
      - {path: /Users/openclaw/.openclaw, mode: "0700", uid: 502, what: state}
    ms: 0.2
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
from ansible_collections.clawops.openclaw.plugins.module_utils._info import observe
from ansible_collections.clawops.openclaw.plugins.module_utils._info.wanted import Wanted

ARGUMENT_SPEC = dict(
    _module.INSTANCE_SPEC,
    label={"type": "str", "default": "ai.openclaw.gateway"},
    port={"type": "int"},
    root={"type": "path", "default": "/opt/openclaw"},
    launchctl={"type": "path", "default": "/bin/launchctl"},
    launch_daemons_dir={"type": "path", "default": "/Library/LaunchDaemons"},
    launch_agents_dir={"type": "path"},
    settings={"type": "list", "elements": "str", "default": [], "no_log": False},
    program_arguments={"type": "list", "elements": "str"},
    throttle_interval={"type": "int"},
    exit_timeout={"type": "int"},
    scope={"type": "str", "choices": ["daemon", "agent"]},
    # Their options are checked where they are walked: most looks walk none and need not import what that takes.
    paths={"type": "list", "elements": "dict", "default": []},
    log_hours={"type": "float", "default": 24},
    log_mib={"type": "float", "default": 1},
    request_timeout={"type": "float", "default": 10},
    probe={"type": "bool", "default": True},
    operators={"type": "list", "elements": "str", "default": []},
)


def main(module):
    return observe.observe(Wanted.of(module.params))


if __name__ == "__main__":
    _module.run(main, argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
