# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This doc fragment is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options: {}
attributes:
  check_mode:
    description: Can run in C(check_mode) and return changed status prediction without modifying the target.
  diff_mode:
    description:
      - Will return details on what has changed (or possibly needs changing in C(check_mode)), when in diff mode.
  idempotent:
    description:
      - When run twice in a row outside check mode, with the same arguments, the second invocation indicates no change.
      - This assumes that the system controlled by the module has not changed in a relevant way.
  platform:
    description: Target operating systems that the module acts on.
    platforms: macOS
"""

    # Modules that read and never write.
    INFO_MODULE = r"""
options: {}
attributes:
  check_mode:
    support: full
    details:
      - This module never changes the target.
  diff_mode:
    support: N/A
    details:
      - This module never changes the target.
  idempotent:
    support: full
    details:
      - This module never changes the target.
"""

    # Should be used together with the standard fragment.
    ACTIONGROUP_GATEWAY = r"""
options: {}
attributes:
  action_group:
    description: Use C(group/clawops.openclaw.gateway) in C(module_defaults) to set defaults for this module.
    support: full
    membership:
      - clawops.openclaw.gateway
"""
