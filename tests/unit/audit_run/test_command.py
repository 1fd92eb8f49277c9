# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The line that runs an audit again stands in a report: what could be a secret is left out of it."""

import pytest
from ansible_collections.clawops.openclaw.plugins.plugin_utils._audit_task import command


@pytest.mark.parametrize(
    ("given", "line"),
    [
        ({"args": ["clawops.openclaw.audit"]}, "ansible-playbook clawops.openclaw.audit"),
        (
            {"args": ["playbooks/audit.yml"], "inventory": ["/srv/my fleet.yml", "b.yml"], "subset": "mini*"},
            "ansible-playbook -i '/srv/my fleet.yml' -i b.yml --limit 'mini*' playbooks/audit.yml",
        ),
        (
            {"args": ["x"], "extra_vars": ("target=mini07", "@vars.yml", "audit_report_dir=/srv/a")},
            "ansible-playbook -e target=mini07 -e @vars.yml -e audit_report_dir=/srv/a x",
        ),
        (
            {"args": ["x"], "extra_vars": ("gateway_token=s", "target=a gateway_token=s", '{"audit_x": "s"}')},
            "ansible-playbook x",
        ),
    ],
)
def test_the_line(given, line):
    assert command(given) == line
