#!/usr/bin/python
# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: openclaw_permissions
short_description: Keep the files of an OpenClaw Gateway private
version_added: 0.1.0
description:
  - Takes away from others whatever right they have to files of a Gateway that hold secrets, and the right to change any
    of the others, such as plugins, logs and releases. Gives the account what must be its own.
  - Looks at the state directory, the environment files, the files with secrets that C(openclaw.json) names, the logs,
    and the releases. The audit's checks OCG-FILE-001 to OCG-FILE-005 judge the same.
  - Opens nothing and follows no link. What is no matter of rights, such as a link in the place of a file, it leaves and
    tells of.
author:
  - clawops.openclaw maintainers (@clawops)
extends_documentation_fragment:
  - clawops.openclaw._attributes
  - clawops.openclaw._attributes.actiongroup_gateway
  - clawops.openclaw._instance
  - clawops.openclaw._launchd
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  idempotent:
    support: full
  platform:
    platforms: macOS
    support: full
options:
  root:
    description:
      - Directory below which M(clawops.openclaw.openclaw_release) keeps releases.
    type: path
    default: /opt/openclaw
  paths:
    description:
      - Further files that hold secrets, such as copies of C(openclaw.json) that people have made. Others lose every
        right to them; they keep their owner.
    type: list
    elements: path
    default: []
seealso:
  - module: clawops.openclaw.openclaw_audit
"""

EXAMPLES = r"""
- name: Keep the Gateway's files private
  clawops.openclaw.openclaw_permissions:
    user: openclaw
  become: true

- name: And a copy that somebody made
  clawops.openclaw.openclaw_permissions:
    user: openclaw
    paths:
      - /Users/openclaw/.openclaw/openclaw.json.before-update
  become: true
"""

RETURN = r"""
changes:
  description: What got other rights, or would.
  returned: success
  type: list
  elements: dict
  contains:
    path:
      description: File or directory.
      type: str
      sample: /Users/openclaw/.openclaw/credentials
    problem:
      description: V(readable_by_others), V(writable_by_others) or V(wrong_owner).
      type: str
      sample: readable_by_others
    before:
      description: Mode, user id and group id.
      type: str
      sample: "0755 501:20"
    after:
      description: The same, afterwards.
      type: str
      sample: "0700 501:20"
left:
  description: What is not as it must be and is no matter of rights, with C(path) and C(reason).
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
      description: Stable identifier.
      type: str
      sample: file_of_stranger
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
from ansible_collections.clawops.openclaw.plugins.module_utils._files import private
from ansible_collections.clawops.openclaw.plugins.module_utils._host import gateway_config, private_files, served
from ansible_collections.clawops.openclaw.plugins.module_utils._service.target import default_agents_directory

ARGUMENTS = dict(
    _module.INSTANCE_SPEC,
    root={"type": "path", "default": "/opt/openclaw"},
    paths={"type": "list", "elements": "path", "default": []},
    **_module.LAUNCHD_SPEC,
)


def _configuration(state_dir):
    try:
        return gateway_config.read(os.path.join(state_dir, "openclaw.json"))[1]
    except OSError:
        # It names further files, and may itself be what nobody can read yet.
        return None


def declared(module):
    options = module.params
    account = _module.Account.named(options["user"])
    state_dir = account.state_dir(options["state_dir"])
    agents_dir = options["launch_agents_dir"] or default_agents_directory(account.home)
    service = served.look(account, options["label"], options["launch_daemons_dir"], agents_dir)
    further = private_files.elsewhere(account, options["root"], service.log, _configuration(state_dir))
    wrong = private_files.wrong(account, state_dir, further)
    known = {entry["path"] for entry in wrong}
    named = [private.shared(path, account) for path in options["paths"] if path not in known]
    corrections, left = private.plan(wrong + [entry for entry in named if entry], account)
    if not module.check_mode:
        private.carry_out(corrections, account)
    return {
        "changed": bool(corrections),
        "changes": [
            {"path": one.path, "problem": one.problem, "before": one.was, "after": one.becomes} for one in corrections
        ],
        "left": left,
        "diff": [
            {"before_header": one.path, "after_header": one.path, "before": one.was + "\n", "after": one.becomes + "\n"}
            for one in corrections
        ],
    }


def main():
    _module.run(declared, argument_spec=ARGUMENTS, supports_check_mode=True)


if __name__ == "__main__":
    main()
