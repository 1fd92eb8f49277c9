#!/usr/bin/python
# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The work is done by the action plugin of the same name; this file is its documentation.

from __future__ import annotations

DOCUMENTATION = r"""
module: openclaw_evidence
short_description: Keep on the controller what a run saw and did on a host
version_added: 0.1.0
description:
  - Writes one JSON file for each step of a run on a host, below O(directory), in a directory for the run and in it one
    for the host. They are for their owner alone.
  - Each file holds the digest of the one before it, so that none can be changed or removed unnoticed.
  - Asks no host, and writes in check mode too.
author:
  - clawops.openclaw maintainers (@clawops)
extends_documentation_fragment:
  - clawops.openclaw._attributes
attributes:
  check_mode:
    support: full
    details:
      - Never changes a host. Evidence is written in check mode too.
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
  action:
    description: What of this runs on the controller.
    support: full
    details:
      - All of it.
options:
  directory:
    description: Directory on the controller, made if it is missing.
    type: path
    required: true
  step:
    description: Step of the runbook.
    type: int
    required: true
  name:
    description: What it is evidence of, in a few words.
    type: str
    required: true
  content:
    description: What was seen or done. It must hold no secret; the modules of this collection return fingerprints.
    type: dict
    required: true
  summary:
    description: Text in Markdown for the ticket, kept beside the evidence as C(summary.md).
    type: str
seealso:
  - module: clawops.openclaw.openclaw_lock
"""

EXAMPLES = r"""
- name: Keep what was seen
  clawops.openclaw.openclaw_evidence:
    directory: /srv/openclaw-runs
    step: 2
    name: reproduce
    content:
      state: healthy
"""

RETURN = r"""
path:
  description: The file that was written.
  returned: success
  type: str
  sample: /srv/openclaw-runs/20261122T120102Z-4711/mini07/002-2-reproduce.json
directory:
  description: Directory of all evidence of this run on this host.
  returned: success
  type: str
  sample: /srv/openclaw-runs/20261122T120102Z-4711/mini07
failure:
  description: Why it could not be kept.
  returned: on failure
  type: dict
  contains:
    code:
      description: Stable identifier.
      type: str
      sample: evidence_not_kept
    message:
      description: What is wrong.
      type: str
    layer:
      description: Where the fault lives.
      type: str
      sample: input
    hint:
      description: What to do next.
      type: str
"""
