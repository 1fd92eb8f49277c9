# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This doc fragment is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  user:
    description:
      - Account on the target that the Gateway runs as.
    type: str
    required: true
  state_dir:
    description:
      - OpenClaw state directory of this Gateway.
      - Defaults to C(.openclaw) in the home directory of O(user).
    type: path
"""
