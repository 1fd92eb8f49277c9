# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""What every module of the collection shares with Ansible: the one top-level file that knows AnsibleModule.

Everything below this level takes and returns plain data.
"""

from __future__ import annotations

import os
import pwd

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.clawops.openclaw.plugins.module_utils import _startup
from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure

# Every module imports this file before anything else of the collection.
_startup.importing()

#: Options that say which Gateway on the host is meant; documented by the C(instance) fragment.
INSTANCE_SPEC = {
    "user": {"type": "str", "required": True},
    "state_dir": {"type": "path"},
}
#: Options that say where the definition of its job is; documented by the C(launchd) fragment.
LAUNCHD_SPEC = {
    "label": {"type": "str", "default": "ai.openclaw.gateway"},
    "launch_daemons_dir": {"type": "path", "default": "/Library/LaunchDaemons"},
    "launch_agents_dir": {"type": "path"},
}


class Account:
    """The macOS account a Gateway runs as: name, uid, gid and home directory, from the account database."""

    def __init__(self, entry):
        self.name = entry.pw_name
        self.uid = entry.pw_uid
        self.gid = entry.pw_gid
        self.home = entry.pw_dir

    @classmethod
    def named(cls, name):
        """Look the account up.

        :raises Failure: C(user_missing) when the host has no such account.
        """
        try:
            return cls(pwd.getpwnam(name))
        except KeyError:
            raise Failure(
                "user_missing",
                "user %r does not exist on this host." % name,
                "host",
                "create the account (the playbook clawops.openclaw.mac_host does), or set 'user' to one that exists.",
                user=name,
            ) from None

    def state_dir(self, declared=None):
        """Return the OpenClaw state directory: the declared one, else C(~/.openclaw) of the account."""
        return declared or os.path.join(self.home, ".openclaw")


class DiscreetModule(AnsibleModule):
    """Shows options that hold a configuration with their secrets as fingerprints, where Ansible logs or returns them.

    C(no_log) is all or nothing for an option, and what it hides it stars out everywhere, be it a C("1").
    """

    #: Names of the options, whose values are mappings (or a text that Ansible will make one of).
    configurations = ()

    def _load_params(self):
        # Imported here, as below: of all modules only the one that takes a configuration needs it.
        from ansible_collections.clawops.openclaw.plugins.module_utils._secrets.fingerprint import secrets_in_option

        super()._load_params()
        for name in self.configurations:
            self.no_log_values.update(secrets_in_option(self.params.get(name)))

    def _log_invocation(self):
        given, self.params = self.params, self._shown()
        super()._log_invocation()
        self.params = given

    def _return_formatted(self, kwargs):
        super()._return_formatted(dict({"invocation": {"module_args": self._shown()}}, **kwargs))

    def _shown(self):
        from ansible_collections.clawops.openclaw.plugins.module_utils._secrets.fingerprint import shown_option

        shown = {name: shown_option(self.params[name]) for name in self.configurations if name in self.params}
        return dict(self.params, **shown)


def run(main, module_class=AnsibleModule, **spec):
    """Build the AnsibleModule, call C(main(module)), and turn a :class:`Failure` into C(fail_json).

    :param main: function of the AnsibleModule that returns the result mapping.
    :param module_class: AnsibleModule or a class derived from it.
    :param spec: keyword arguments for AnsibleModule (argument_spec, supports_check_mode, ...).
    """
    _startup.imported()
    module = module_class(**spec)
    try:
        result = main(module)
    except Failure as failure:
        module.fail_json(msg=failure.sentence(), failure=failure.as_dict())
    module.exit_json(**result)
