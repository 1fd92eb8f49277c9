# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The inventory of a lab, as Ansible reads it. Written as JSON, which is YAML, so that no library is needed."""

from __future__ import annotations

import json

from . import net
from .paths import MIRROR_PORT, LabPaths


def text(paths: LabPaths, state: dict) -> str:
    """Return the inventory of C(state)."""
    mirror = f"http://{net.address(state['subnet'], 0)}:{MIRROR_PORT}"
    ssh = " ".join(
        f"-o {option}"
        for option in (
            f"UserKnownHostsFile={paths.known_hosts}", "GlobalKnownHostsFile=/dev/null", "StrictHostKeyChecking=yes",
            "IdentitiesOnly=yes", "PreferredAuthentications=publickey",
        )
    )  # fmt: skip
    variables = {
        "ansible_user": "admin",
        "ansible_become": True,
        "ansible_python_interpreter": "/usr/bin/python3",
        "ansible_pipelining": True,
        "ansible_ssh_private_key_file": str(paths.key),
        "ansible_ssh_common_args": f"-F none {ssh}",
        "ansible_ssh_args": "-o ControlMaster=auto -o ControlPersist=60s",
        "ansible_control_path_dir": str(paths.control),
        "ansible_control_path": "%(directory)s/%%h-%%r",
        "gateway_install": "existing",
        "gateway_node_version": state["node"],
        "gateway_version": state["openclaw"],
        # Not used while gateway_install is existing; with npm, everything comes from the lab itself.
        "gateway_node_url": "{{ lab_node_url }}",
        "gateway_npm_registry": "{{ lab_npm_registry }}",
        "lab_node_url": mirror + "/node/v{version}/node-v{version}-darwin-{arch}.tar.gz",
        "lab_npm_registry": f"{mirror}/npm/",
    }
    hosts = {
        name: {"ansible_host": host["address"], "lab_gateway": "stand-in" if host["stand_in"] else "real"}
        for name, host in sorted(state["hosts"].items())
    }
    return (
        "# SPDX-License-Identifier: GPL-3.0-or-later\n# Written by tests/lab/lab for the lab "
        f"{paths.name!r}; gone with it.\n" + json.dumps({"minis": {"hosts": hosts, "vars": variables}}, indent=2) + "\n"
    )
