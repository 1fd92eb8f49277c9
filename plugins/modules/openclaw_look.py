#!/usr/bin/python
# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: openclaw_look
short_description: The look of an audit
version_added: 0.1.0
description:
  - What M(clawops.openclaw.openclaw_audit) runs on a host. In playbooks use M(clawops.openclaw.openclaw_info), which
    tells the same.
  - Half of what any module takes on a host is Python compiling C(ansible.module_utils.basic). This one does without,
    because its options have been checked on the controller. It brings along its own code in an option, and costs a host
    no more than M(ansible.builtin.ping).
author:
  - clawops.openclaw maintainers (@clawops)
options:
  options:
    description:
      - Options of M(clawops.openclaw.openclaw_info), checked.
    type: dict
    required: true
  code:
    description:
      - The collection's utilities that a look imports. Name below C(plugins/module_utils), as it is imported, to
        source, as JSON, compressed by zlib and written in base64.
    type: str
    required: true
seealso:
  - module: clawops.openclaw.openclaw_audit
  - module: clawops.openclaw.openclaw_info
"""

EXAMPLES = r"""
- name: Look and judge; this runs the module
  become: true
  clawops.openclaw.openclaw_audit:
    user: openclaw
"""

RETURN = r"""
schema_version:
  description:
    - Of the observation. Its sections are returned beside it, each under its own name, as
      M(clawops.openclaw.openclaw_info) returns them.
  returned: success
  type: int
  sample: 1
survey_ms:
  description:
    - How long the whole look took, in milliseconds.
  returned: success
  type: float
  sample: 96.1
failure:
  description:
    - What is wrong with the options, as M(clawops.openclaw.openclaw_info) says it.
  returned: failure
  type: dict
"""

import gc
import importlib
import json
import sys
import zlib
from base64 import b64decode
from importlib.machinery import ModuleSpec

#: Ansible puts the options here: https://docs.ansible.com/ansible/latest/dev_guide/developing_program_flow_modules.html
GIVEN = r"""<<INCLUDE_ANSIBLE_MODULE_JSON_ARGS>>"""
ARGUMENT_SPEC = {
    "options": {"type": "dict", "required": True},
    "code": {"type": "str", "required": True},
}
#: Not in one piece: by a name in full Ansible would take this for a module that imports its utilities.
UTILITIES = "ansible_collections.clawops.openclaw." + "plugins.module_utils"


class Code:
    """Finds and loads what was brought along, for C(sys.meta_path)."""

    def __init__(self, sources):
        """:param sources: name below the utilities -> source."""
        self._sources = {"%s.%s" % (UTILITIES, name): source for name, source in sources.items()}
        self._packages = {name[:at] for name in self._sources for at, letter in enumerate(name) if letter == "."}

    def find_spec(self, name, path=None, target=None):
        if name in self._sources or name in self._packages:
            return ModuleSpec(name, self, is_package=name in self._packages)
        return None

    def create_module(self, spec):
        return None

    def exec_module(self, module):
        source = self._sources.get(module.__name__)
        if source is not None:
            exec(compile(source, module.__name__, "exec"), module.__dict__)


def look(options):
    """Return the observation, or what is wrong with the options."""
    observe, wanted, failure = (
        importlib.import_module("%s.%s" % (UTILITIES, name)) for name in ("_info.observe", "_info.wanted", "_failure")
    )
    try:
        return observe.observe(wanted.Wanted.of(options))
    except failure.Failure as wrong:
        return {"failed": True, "msg": wrong.sentence(), "failure": wrong.as_dict()}


def main():
    # Half a second, and it is over: nothing of what it makes is garbage before.
    gc.disable()
    given = json.loads(GIVEN)
    sys.meta_path.insert(0, Code(json.loads(zlib.decompress(b64decode(given["code"])))))
    sys.stdout.write(json.dumps(dict(look(given["options"]), changed=False)) + "\n")


def declare():
    """Say which options there are, to whoever runs this file to learn that (ansible-test): Ansible has put none in."""
    basic = importlib.import_module("ansible.module_utils.basic")
    basic.AnsibleModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)


if __name__ == "__main__":
    if GIVEN.startswith("{"):
        main()
    else:
        declare()
