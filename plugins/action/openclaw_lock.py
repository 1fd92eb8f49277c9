# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module of the same name, told who asks: only the controller knows, and whether another of its runs is gone."""

from __future__ import annotations

from ansible.plugins.action import ActionBase
from ansible_collections.clawops.openclaw.plugins.plugin_utils import _run


class ActionModule(ActionBase):
    """Asks for the lock; once more where its holder was a run of this very machine, and is gone."""

    _supports_check_mode = True
    _supports_async = False

    def run(self, tmp=None, task_vars=None):
        super().run(tmp, task_vars)
        asked = dict(self._task.args, **_run.identity())
        found = self._ask(asked, task_vars)
        other = (found.get("failure") or {}).get("lock")
        if other and other["controller"] == asked["controller"] and _run.is_gone(other["process"]):
            found = self._ask(dict(asked, gone=other["run"]), task_vars)
        return found

    def _ask(self, asked, task_vars):
        return self._execute_module(
            module_name="clawops.openclaw.openclaw_lock", module_args=asked, task_vars=task_vars)
