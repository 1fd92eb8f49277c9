#!/usr/bin/python
# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: openclaw_leftovers
short_description: Remove what processes of OpenClaw that are gone have left behind
version_added: 0.1.0
description:
  - Removes locks whose holder is gone, and sockets that nobody listens on, of the Gateway and of the C(openclaw)
    command, with the rights of the Gateway's account and no others.
  - A lock of which it cannot be told whether its holder is alive stays.
  - Copies of C(openclaw.json) that OpenClaw has put aside are nobody's waste and are left.
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
seealso:
  - module: clawops.openclaw.openclaw_info
"""

EXAMPLES = r"""
- name: Remove locks and sockets of what is gone
  clawops.openclaw.openclaw_leftovers:
    user: openclaw
  become: true
"""

RETURN = r"""
removed:
  description: What was removed, or would be.
  returned: success
  type: list
  elements: str
  sample: [/Users/openclaw/.openclaw/tmp/openclaw-501/gateway.5f2b7a10.lock]
unreadable:
  description: What could not be looked at.
  returned: success
  type: list
  elements: str
  sample: []
failure:
  description: What went wrong and what to do next.
  returned: failure
  type: dict
  contains:
    code:
      description: Stable identifier.
      type: str
      sample: permission_denied
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
from ansible_collections.clawops.openclaw.plugins.module_utils._config import storage
from ansible_collections.clawops.openclaw.plugins.module_utils._config.identity import acting_as
from ansible_collections.clawops.openclaw.plugins.module_utils._host import leftovers, served
from ansible_collections.clawops.openclaw.plugins.module_utils._service.target import default_agents_directory

ARGUMENTS = dict(_module.INSTANCE_SPEC, **_module.LAUNCHD_SPEC)


def declared(module):
    options = module.params
    account = _module.Account.named(options["user"])
    state_dir = account.state_dir(options["state_dir"])
    agents_dir = options["launch_agents_dir"] or default_agents_directory(account.home)
    service = served.look(account, options["label"], options["launch_daemons_dir"], agents_dir)
    places = leftovers.temporary(account, state_dir, service.environment)
    found = leftovers.describe(account, state_dir, places, os.path.join(state_dir, "openclaw.json"))
    removed = (found["stale"] or []) + (found["orphans"] or [])
    if not module.check_mode:
        _remove(removed, account)
    return {
        "changed": bool(removed),
        "removed": removed,
        "unreadable": found["unreadable"],
        "diff": {"before": "".join(path + "\n" for path in removed), "after": ""},
    }


def _remove(paths, account):
    for path in paths:
        try:
            with acting_as(account):
                os.unlink(path)
        except FileNotFoundError:
            # Whoever left it has come back, and taken it away.
            continue
        except OSError as error:
            raise storage.os_failure(error, path, "remove") from None


def main():
    _module.run(declared, argument_spec=ARGUMENTS, supports_check_mode=True)


if __name__ == "__main__":
    main()
