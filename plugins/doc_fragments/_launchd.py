# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This doc fragment is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations


class ModuleDocFragment:
    # Where the definition of the Gateway's job is.
    DOCUMENTATION = r"""
options:
  label:
    description:
      - launchd label of the Gateway's job.
    type: str
    default: ai.openclaw.gateway
  launch_daemons_dir:
    description:
      - Directory of the LaunchDaemons.
    type: path
    default: /Library/LaunchDaemons
  launch_agents_dir:
    description:
      - Directory of the LaunchAgents of O(user).
      - Defaults to C(Library/LaunchAgents) in the home directory of O(user).
    type: path
"""

    # For modules that ask launchd itself as well.
    LAUNCHCTL = r"""
options:
  launchctl:
    description:
      - Absolute path of launchctl.
    type: path
    default: /bin/launchctl
"""
