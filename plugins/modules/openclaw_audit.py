#!/usr/bin/python
# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The work is done by the action plugin of the same name; this file is its documentation.

from __future__ import annotations

DOCUMENTATION = r"""
module: openclaw_audit
short_description: Judge whether an OpenClaw Gateway is as declared
version_added: 0.1.0
description:
  - Looks at a host once, with one run of a module that sees what M(clawops.openclaw.openclaw_info) sees, and judges on
    the controller what it saw.
  - What is judged are the checks of the collection and those of your own. Every check has a result. V(pass), V(fail),
    V(unknown) where what it needs could not be seen, V(not_applicable) where nothing is declared that it could compare
    with. What is unknown never counts as passed.
  - Never fails for what it finds, and never changes the host, in check mode or out of it.
  - No secret leaves the host. The options O(token), O(settings), O(baseline) and O(consumers) do not go there; what is
    compared are fingerprints.
  - Without C(become), or where the host refuses it, it looks as the connecting user and says what that user could not
    see.
  - The role P(clawops.openclaw.audit#role) calls it with what the role P(clawops.openclaw.gateway#role) would deploy.
author:
  - clawops.openclaw maintainers (@clawops)
extends_documentation_fragment:
  - clawops.openclaw._attributes
  - clawops.openclaw._attributes.info_module
  - clawops.openclaw._instance
  - clawops.openclaw._launchd
attributes:
  platform:
    support: full
    platforms: macOS
requirements:
  - jmespath (on the controller)
options:
  port:
    description: Port that the Gateway shall listen on.
    type: int
  root:
    description: Directory of the releases, as for M(clawops.openclaw.openclaw_release).
    type: path
    default: /opt/openclaw
  scope:
    description: Scope that the job shall be in.
    type: str
    choices: [daemon, agent]
  program_arguments:
    description:
      - Command line that the job shall have.
      - Unless given, it is that of a deploy below O(root) on O(port). A Gateway with C(mode=adopt) in O(policy) keeps
        its own.
    type: list
    elements: str
  throttle_interval:
    description: ThrottleInterval that the job shall have, in seconds.
    type: int
  exit_timeout:
    description: ExitTimeOut that the job shall have, in seconds.
    type: int
  settings:
    description: Keys of C(openclaw.json) and the values they shall have, nested as there.
    type: dict
    default: {}
  baseline:
    description: What C(gateway.auth) and other keys of C(openclaw.json) are on every host of this class, nested as
      there.
    type: dict
  token:
    description: The token that the Gateway shall have. Only its fingerprint is compared.
    type: str
  consumers:
    description:
      - Who else holds the token, with what they hold.
      - Each has a C(name), and either C(fingerprint) or C(value) (from a vault).
    type: list
    elements: dict
    default: []
  policy:
    description:
      - What else the host is compared with. A key that is not given is not declared, and what compares with it does not
        apply.
      - C(exposure), C(environment), C(class), C(version), C(node_version), C(install), C(auth_mode), C(token_source),
        C(token_fingerprint), C(token_max_age_days), C(config_root), C(mode) (V(managed) or V(adopt)),
        C(allowed_origins), C(max_pending_age_s), C(storm_runs), C(free_mib).
    type: dict
    default: {}
  paths:
    description: Further ways to the Gateway that are walked on the host, as
      O(clawops.openclaw.openclaw_probe#module:paths).
    type: list
    elements: dict
    default: []
  operators:
    description: Accounts whose own C(openclaw) is looked at too.
    type: list
    elements: str
    default: []
  log_hours:
    description: How far back the logs are read.
    type: float
    default: 24.0
  request_timeout:
    description: Seconds that the Gateway gets for each answer.
    type: float
    default: 10.0
  probe:
    description: Whether the Gateway itself is asked.
    type: bool
    default: true
  checks:
    description: Files or directories of checks that stand in for those of the collection.
    type: list
    elements: path
  rules:
    description: Files of checks of your own, and of changes to those of the collection.
    type: list
    elements: path
    default: []
  keep_observation:
    description: Return everything that was seen, as M(clawops.openclaw.openclaw_info) returns it.
    type: bool
    default: false
seealso:
  - module: clawops.openclaw.openclaw_report
  - module: clawops.openclaw.openclaw_info
"""

EXAMPLES = r"""
- name: Judge a Gateway
  become: true
  clawops.openclaw.openclaw_audit:
    user: openclaw
    scope: daemon
    port: 18789
    settings:
      gateway:
        mode: local
        bind: loopback
    policy:
      exposure: loopback
      version: 2026.9.6
  register: judged

- name: Say what is wrong
  ansible.builtin.debug:
    msg: "{{ judged.findings | selectattr('result', '==', 'fail') | map(attribute='message') }}"
"""

RETURN = r"""
findings:
  description: One for each check that fails or is unknown.
  returned: success
  type: list
  elements: dict
  sample:
    - checkId: OCG-CONFIG-004
      host: mini01
      result: fail
      severity: error
      layer: config
      title: The Gateway listens where it is declared to
      message: gateway.bind is lan, but loopback is declared.
      path: gateway.bind
passed:
  description: Each check that passes, below its severity, with a fingerprint of what was declared about it (null where
    nothing was).
  returned: success
  type: dict
  sample: {error: {OCG-CONFIG-001: "sha256:44136fa355b3"}}
not_applicable:
  description: Checks that have nothing to compare with here, below their severity.
  returned: success
  type: dict
  sample: {warning: [OCG-CONFIG-012]}
counts:
  description: How many checks have each result.
  returned: success
  type: dict
  sample: {pass: 71, fail: 1, unknown: 0, not_applicable: 17, waived: 0}
state:
  description: V(clean), V(drift), or V(unknown) where something could not be told.
  returned: success
  type: str
  sample: drift
seen:
  description: The little of the observation that a report needs. C(blind) has the sections that could not be told, and
    why.
  returned: success
  type: dict
  sample: {openclaw: 2026.9.6, macos: "26.3", ms: 96.1, blind: {}}
policy:
  description: What the host was compared with. Secrets are fingerprints.
  returned: success
  type: dict
  sample: {port: 18789, exposure: loopback}
metrics:
  description: Numbers for dashboards, null each where it could not be told.
  returned: success
  type: dict
  sample: {token_sources: 1, starts: 1}
comparable:
  description: What is compared between hosts.
  returned: success
  type: dict
  sample: {}
began:
  description: When the look began, in seconds since the epoch.
  returned: success
  type: float
  sample: 1795242062.1
observation:
  description: Everything that was seen.
  returned: with O(keep_observation=true)
  type: dict
  sample: {schema_version: 2}
failure:
  description: Why the task failed, which wrong options, unreadable checks and what M(clawops.openclaw.openclaw_info)
    fails for make it do.
  returned: on failure
  type: dict
  sample: {code: audit_rules_invalid, message: "rules.yml: MINE-001: key 'query': is missing.", layer: input,
    hint: correct the file.}
"""
