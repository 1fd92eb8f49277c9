# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Keeps on the controller what a step of a run saw or did on a host."""

from __future__ import annotations

import os
import re
import time

from ansible.plugins.action import ActionBase
from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure
from ansible_collections.clawops.openclaw.plugins.plugin_utils import _audit_state, _run
from ansible_collections.clawops.openclaw.plugins.plugin_utils._remedy import evidence
from ansible_collections.clawops.openclaw.plugins.plugin_utils._report import sinks

ARGUMENT_SPEC = {
    "directory": {"type": "path", "required": True},
    "step": {"type": "int", "required": True},
    "name": {"type": "str", "required": True},
    "content": {"type": "dict", "required": True},
    "summary": {"type": "str"},
}
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
_PIECE = re.compile(r"\d{3}-.*\.json\Z")


class ActionModule(ActionBase):
    """Writes in check mode too: evidence is no change of a host."""

    _supports_check_mode = True
    _supports_async = False
    _requires_connection = False

    def run(self, tmp=None, task_vars=None):
        super().run(tmp, task_vars)
        _result, options = self.validate_argument_spec(argument_spec=ARGUMENT_SPEC)
        host = task_vars["inventory_hostname"]
        run = _run.identity()["run"]
        directory = os.path.join(options["directory"], run, _UNSAFE.sub("_", host))
        try:
            _audit_state.private(directory)
            path = self._write(directory, options, {"run": run, "host": host, "check_mode": self._task.check_mode})
            if options["summary"] is not None:
                sinks.write(os.path.join(directory, "summary.md"), options["summary"], 0o600)
        except (Failure, OSError) as error:
            failure = error if isinstance(error, Failure) else Failure(
                "evidence_not_kept", "cannot keep evidence in %s: %s." % (directory, error.strerror), "input",
                "name a directory that you may write to.", path=directory)
            return {"failed": True, "changed": False, "msg": failure.sentence(), "failure": failure.as_dict()}
        return {"changed": False, "path": path, "directory": directory}

    @staticmethod
    def _write(directory, options, about):
        before = sorted(name for name in os.listdir(directory) if _PIECE.match(name))
        previous = None
        if before:
            with open(os.path.join(directory, before[-1]), encoding="utf-8") as stream:
                previous = stream.read()
        about = dict(about, step=options["step"], name=options["name"],
                     at=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()))
        name = "%03d-%d-%s.json" % (len(before) + 1, options["step"], _UNSAFE.sub("_", options["name"]))
        path = os.path.join(directory, name)
        sinks.write(path, evidence.entry(about, options["content"], previous), 0o600)
        return path
