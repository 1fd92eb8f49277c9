# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""openclaw_probe with the ways that begin on the controller: the module looks from the host, this adds its own."""

from __future__ import annotations

import re

from ansible.plugins.action import ActionBase
from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure
from ansible_collections.clawops.openclaw.plugins.module_utils._gateway import declared_paths, paths
from ansible_collections.clawops.openclaw.plugins.plugin_utils._controller_paths import There, walk

_MODULE = "clawops.openclaw.openclaw_probe"
#: Where ssh itself would look up host keys, if the inventory's arguments for it say so.
_KNOWN_HOSTS = re.compile(r"UserKnownHostsFile[= ](?:'([^']+)'|\"([^\"]+)\"|([^\s'\"]+))")


class ActionModule(ActionBase):
    """Runs the module, then walks the paths of the kinds C(bastion) and C(tailnet) from here."""

    _supports_async = True

    def run(self, tmp=None, task_vars=None):
        super().run(tmp, task_vars)
        args, variables = dict(self._task.args), task_vars or {}
        every = args.get("paths")
        # What is no list of mappings the module refuses in Ansible's own words.
        known = isinstance(every, list) and all(isinstance(one, dict) for one in every)
        here, ours = declared_paths.split(every) if known else (every, [])
        if known:
            args["paths"] = here
        try:
            declared = declared_paths.named(ours)
            result = self._execute_module(module_name=_MODULE, module_args=args, task_vars=variables,
                                          wrap_async=self._task.async_val)
            # Also what was only begun, or could not be, has no paths.
            if not declared or "paths" not in result:
                return result
            result = paths.joined(result, walk(declared, self._there(args, variables, result.get("port"))))
        except Failure as failure:
            return self._failed({}, failure)
        bad = paths.failure(result["paths"])
        enforced = "paths" in self._expected(args) and not self._task.check_mode
        return self._failed(result, bad) if bad and enforced and not result.get("failed") else result

    @staticmethod
    def _failed(result, failure):
        return dict(result, failed=True, msg=failure.sentence(), failure=failure.as_dict())

    @staticmethod
    def _expected(args):
        expected = args.get("expect") or []
        return [name.strip() for name in expected.split(",")] if isinstance(expected, str) else expected

    def _there(self, args, variables, port):
        options = {name: self._templar.template(variables.get("ansible_" + name)) for name in (
            "host", "port", "user", "ssh_private_key_file", "ssh_common_args")}
        known = _KNOWN_HOSTS.search(options["ssh_common_args"] or "")
        return There(
            options["host"] or variables.get("inventory_hostname"), int(options["port"] or 22), options["user"],
            options["ssh_private_key_file"], next(filter(None, known.groups())) if known else None, port,
            args.get("token"), float(args.get("request_timeout") or 10))
