#!/usr/bin/python
# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The work is done by the action plugin of the same name; this file is its documentation.

from __future__ import annotations

DOCUMENTATION = r"""
module: openclaw_report
short_description: Report on what openclaw_audit found on many hosts
version_added: 0.1.0
description:
  - Collects what M(clawops.openclaw.openclaw_audit) found on each host, compares the hosts with each other and with the
    previous audit, applies waivers, and writes one report in as many formats as wanted. A host that could not be
    reached is a row with the reason.
  - Runs on the controller and asks no host. Run it once for all hosts, with C(run_once).
  - Remembers in O(state_dir) what it found, to tell in the next report what appeared and what is gone, and to tell a
    host that moved (drift to be corrected) from a declaration that moved (a change that was not deployed yet).
  - Writes in check mode too. The report is what an audit is for, and nothing of a host is changed by it.
author:
  - clawops.openclaw maintainers (@clawops)
extends_documentation_fragment:
  - clawops.openclaw._attributes
attributes:
  check_mode:
    support: full
    details:
      - Never changes a host. Reports are written in check mode too.
  diff_mode:
    support: N/A
    details:
      - Never changes a host.
  idempotent:
    support: full
    details:
      - Never changes a host.
  platform:
    support: full
    platforms: the controller
requirements:
  - jmespath (on the controller)
options:
  hosts:
    description: Names of the hosts that the report is about.
    type: list
    elements: str
    required: true
  results:
    description: Name of the variable in which the result of M(clawops.openclaw.openclaw_audit) was registered.
    type: str
    required: true
  report_dir:
    description: Directory on the controller for the reports. It is made if it is missing, for its owner alone.
    type: path
    required: true
  state_dir:
    description:
      - Directory on the controller for what the next audit compares with.
      - Defaults to C(state) in O(report_dir).
    type: path
  sinks:
    description:
      - Which reports to write. V(html) is one page for people, V(json) the record that all others are made from,
        V(junit) for what runs tests, V(markdown) for a ticket, V(prometheus) for the textfile collector, V(text) for
        mail.
    type: list
    elements: str
    choices: [html, json, junit, markdown, prometheus, text]
    default: [html, json]
  modes:
    description: Mode of the file of a sink, unless it is V("0600"), such as C(prometheus) V("0644") for a collector
      that runs as somebody else.
    type: dict
    default: {}
  checks:
    description: Files or directories of checks that stand in for those of the collection, as for
      M(clawops.openclaw.openclaw_audit).
    type: list
    elements: path
  rules:
    description: Files of checks of your own, as for M(clawops.openclaw.openclaw_audit).
    type: list
    elements: path
    default: []
  waivers:
    description: Files of waivers. A waiver has a check, hosts, an owner, a reason and an end.
    type: list
    elements: path
    default: []
  plan:
    description: File that the callback P(clawops.openclaw.openclaw_changes#callback) wrote on a deploy in check mode.
    type: path
  show:
    description: Whether to print the short report.
    type: bool
    default: true
seealso:
  - module: clawops.openclaw.openclaw_audit
  - plugin: clawops.openclaw.openclaw_changes
    plugin_type: callback
"""

EXAMPLES = r"""
- name: Report
  clawops.openclaw.openclaw_report:
    hosts: "{{ ansible_play_hosts_all }}"
    results: judged
    report_dir: /srv/openclaw-audit
    sinks: [html, prometheus]
  delegate_to: localhost
  run_once: true
  register: report

- name: Say where it is
  ansible.builtin.debug:
    var: report.reports
"""

RETURN = r"""
exit_code:
  description: V(0) where all is as declared, V(2) where something has drifted, V(1) where nothing has as far as could
    be told, but not everything could be told.
  returned: success
  type: int
  sample: 2
findings_hash:
  description: The same for two audits that find the same.
  returned: success
  type: str
  sample: sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
reports:
  description: The file of each sink.
  returned: success
  type: dict
  sample: {html: /srv/openclaw-audit/drift.html}
summary:
  description: How many hosts are in each state, and how many findings there are.
  returned: success
  type: dict
  sample: {hosts: 50, clean: 46, drift: 3, unknown: 0, unreachable: 1}
failure:
  description: Why the task failed, which only files that cannot be read or written make it do.
  returned: on failure
  type: dict
  sample: {code: audit_file_unreadable, message: "/srv/openclaw-audit/state/last.json cannot be read.", layer: input,
    hint: "repair it, or move it away: the next audit then starts without it."}
"""
