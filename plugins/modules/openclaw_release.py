#!/usr/bin/python
# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: openclaw_release
short_description: Pin a Node and an OpenClaw release on a Mac, side by side with others
version_added: 0.1.0
description:
  - Makes one exact version of OpenClaw, on one exact version of Node, the current release below a directory that
    belongs to root, so that the account a Gateway runs as cannot rewrite its own code.
  - Releases and Nodes lie side by side. What a service runs goes through one symbolic link, C(current), which is
    switched in one step after the new release is whole and has been started once. A run that is killed leaves the old
    release current.
  - Everything that can be known beforehand is checked before anything is written, in check mode as well. The version
    has to be known to the registry, Node has to lie in the range that this release of OpenClaw declares, and a Node
    archive has to have a pinned SHA-256.
  - A second run with the same options neither uses the network nor starts a program.
  - An upgrade or a downgrade is the same options with other versions. O(state=staged) puts the release beside the one
    that runs, O(state=switched) switches to it, and once more with the earlier versions switches back. The role
    C(gateway) does it in this order, with a preflight and a proof around it.
  - Where there is no network, O(install=archive) takes both from one file, which O(state=packed) makes on a host that
    has one.
  - The module never starts, stops or restarts a Gateway; RV(switched) says when one needs it.
author:
  - clawops.openclaw maintainers (@clawops)
extends_documentation_fragment:
  - clawops.openclaw._attributes
attributes:
  check_mode:
    support: full
    details:
      - Asks the registry and the Node mirror the same questions, so that an unknown version fails in check mode too.
      - With O(state=pruned), foretells what goes once the declared release is current.
  diff_mode:
    support: full
  idempotent:
    support: full
  platform:
    support: full
    platforms: macOS
options:
  root:
    description:
      - Directory that holds the releases and nothing else. It and everything in it belong to the account that runs
        the module, which should be root.
    type: path
    default: /opt/openclaw
  state:
    description:
      - With V(present), the declared release is installed and current. Other releases stay.
      - With V(staged), it is installed beside the others and has been started once. What is current stays current, with
        its Node. RV(pending) says whether V(switched) would switch.
      - With V(switched), a release that is staged becomes the current one, and nothing else is made or foretold.
      - With V(pruned), releases that are neither the declared nor the current one nor among the O(keep) newest others
        are removed, and Nodes that only they ran on. Never one that a process still executes, and nothing that
        this module did not put there.
      - With V(packed), the declared release, which has to be there with its Node, is packed into O(archive).
      - With V(absent), everything this module puts under O(root) is removed, and O(root) itself when nothing else is
        in it. RV(left) names what stays.
    type: str
    choices: [present, staged, switched, pruned, packed, absent]
    default: present
  version:
    description:
      - Exact version of OpenClaw, such as V(2026.9.6). Required unless O(state=absent).
    type: str
  node_version:
    description:
      - Exact version of Node, such as V(24.21.0). Required unless O(state=absent).
    type: str
  keep:
    description:
      - With O(state=pruned), how many releases stay besides the declared and the current one, the newest first.
    type: int
    default: 2
  archive:
    description:
      - Path on the host of an archive of one release with its Node, for O(install=archive). It is only read where
        something of it is missing.
      - With O(state=packed), where to write it.
    type: path
  archive_sha256:
    description:
      - SHA-256 that O(archive) has to have. Nothing is taken out of an archive without it.
    type: str
  install:
    description:
      - With V(npm), Node comes as an archive from O(node_url) and OpenClaw from O(npm_registry).
      - With V(existing), links lead to what Homebrew or npm already installed at O(existing_node) and
        O(existing_openclaw). Their versions have to be the declared ones, and nothing is downloaded. An upgrade of
        those by other hands changes what the Gateway runs, and the next run of this module fails and says so.
      - With V(archive), Node and OpenClaw come from O(archive), and no network is used.
    type: str
    choices: [npm, archive, existing]
    default: npm
  node_url:
    description:
      - URL of the Node archive (tar, compressed with gzip or xz). C({version}) and C({arch}) are replaced, the latter
        by V(arm64) or V(x64).
      - C(https), C(http) and C(file) URLs are read.
    type: str
    default: https://nodejs.org/dist/v{version}/node-v{version}-darwin-{arch}.tar.gz
  node_sha256:
    description:
      - SHA-256 of the Node archive.
      - When it is not set, C(SHASUMS256.txt) beside the archive is the pin, which protects against damage but not
        against the mirror itself.
    type: str
  npm_registry:
    description:
      - Base URL of the npm registry, as C(npm config get registry) prints it where npm is set up as it shall be here.
        Required with O(install=npm), because where code comes from is declared, not assumed.
    type: str
  existing_node:
    description:
      - Prefix of a Node that is already there, with C(bin/node) below it, for O(install=existing).
      - Has to be absolute and stable. A directory in Homebrew's C(Cellar) or of a version manager such as nvm is
        refused.
    type: path
    default: /opt/homebrew/opt/node@24
  existing_openclaw:
    description:
      - Directory of an OpenClaw package that is already there, with its C(package.json), for O(install=existing).
      - Has to be absolute and stable, like O(existing_node).
    type: path
    default: /opt/homebrew/lib/node_modules/openclaw
  timeout:
    description:
      - Seconds that the download of Node, and the installation by npm, may take each.
    type: int
    default: 900
notes:
  - npm runs with an environment, a home and a cache of its own below O(root), which are removed afterwards. Of the
    caller's environment it gets the proxy variables and those that name certificate authorities.
  - Files that this module downloads carry no C(com.apple.quarantine) attribute, so Gatekeeper does not ask about
    them.
  - Under Rosetta the processor looks like an Intel one; run the module with a native Python.
seealso:
  - module: clawops.openclaw.openclaw_service
"""

EXAMPLES = r"""
- name: Pin Node and OpenClaw
  become: true
  clawops.openclaw.openclaw_release:
    version: 2026.9.6
    node_version: 24.21.0
    npm_registry: https://npm.example.com/
  register: release

- name: The same from a Node mirror, with the archive pinned by its digest
  become: true
  clawops.openclaw.openclaw_release:
    version: 2026.9.6
    node_version: 24.21.0
    node_url: https://mirror.example.com/node/v{version}/node-v{version}-darwin-{arch}.tar.gz
    node_sha256: "{{ node_sha256 }}"
    npm_registry: https://npm.example.com/

- name: Use what Homebrew and npm put there
  become: true
  clawops.openclaw.openclaw_release:
    version: 2026.9.6
    node_version: 24.21.0
    install: existing

- name: Put a release beside the one that runs
  become: true
  clawops.openclaw.openclaw_release:
    state: staged
    version: 2026.9.6
    node_version: 24.21.0
    npm_registry: https://npm.example.com/
  register: staged

- name: Switch to it
  become: true
  clawops.openclaw.openclaw_release:
    state: switched
    version: 2026.9.6
    node_version: 24.21.0
    npm_registry: https://npm.example.com/

- name: Pack what this host has, for hosts without a network
  become: true
  clawops.openclaw.openclaw_release:
    state: packed
    version: 2026.9.6
    node_version: 24.21.0
    archive: /private/tmp/openclaw-2026.9.6.tar.gz
  register: packed

- name: Install from the archive
  become: true
  clawops.openclaw.openclaw_release:
    version: 2026.9.6
    node_version: 24.21.0
    install: archive
    archive: /private/tmp/openclaw-2026.9.6.tar.gz
    archive_sha256: "{{ packed.archive_sha256 }}"

- name: Remove what was replaced long ago
  become: true
  clawops.openclaw.openclaw_release:
    state: pruned
    version: 2026.9.6
    node_version: 24.21.0
    keep: 1

- name: Remove all releases
  become: true
  clawops.openclaw.openclaw_release:
    state: absent
"""

RETURN = r"""
version:
  description: Version of OpenClaw that is current. V(null) with O(state=absent).
  returned: success
  type: str
  sample: 2026.9.6
node_version:
  description: Version of Node it runs on. V(null) with O(state=absent).
  returned: success
  type: str
  sample: 24.21.0
root:
  description: Directory that holds the releases.
  returned: success
  type: str
  sample: /opt/openclaw
current:
  description: Prefix of the current release. V(null) with O(state=absent).
  returned: success
  type: str
  sample: /opt/openclaw/releases/2026.9.6
previous:
  description:
    - Prefix of the release that was current before, V(null) when there was none. What a rollback switches back to.
  returned: success
  type: str
  sample: /opt/openclaw/releases/2026.7.1
program:
  description:
    - Node and the Gateway's entry point, both through C(current), so that a service definition survives an upgrade.
    - Empty with O(state=absent).
  returned: success
  type: list
  elements: str
  sample:
    - /opt/openclaw/current/node/bin/node
    - /opt/openclaw/current/lib/node_modules/openclaw/dist/index.js
command:
  description:
    - The C(openclaw) command of the declared release itself, whichever is current. V(null) unless it was installed or
      staged.
  returned: success
  type: str
  sample: /opt/openclaw/releases/2026.9.6/openclaw
pending:
  description: Whether RV(program) does not lead to the declared release on the declared Node, with O(state=staged).
  returned: success
  type: bool
  sample: false
archive_sha256:
  description: SHA-256 of O(archive), with O(state=packed). V(null) where a check run made none.
  returned: success
  type: str
  sample: null
engines:
  description: Range of Node versions that this release of OpenClaw declares. V(null) when it declares none.
  returned: success
  type: str
  sample: ">=24.16.0 <25 || >=26.1.0"
switched:
  description:
    - Whether RV(program) now leads to other code than before, so that a Gateway that runs it needs one restart.
    - V(false) at the first installation, when nothing can run from there yet.
  returned: success
  type: bool
  sample: false
left:
  description: Paths below O(root) that are not this module's and were left there, with O(state=absent).
  returned: success
  type: list
  elements: str
  sample: []
diff:
  description: A line for everything below O(root) that changed.
  returned: success
  type: dict
  sample:
    before_header: /opt/openclaw
    after_header: /opt/openclaw
    before: |
      current: -> releases/2026.7.1
      releases/2026.9.6: absent
      releases/2026.9.6/node: absent
      releases/2026.9.6/openclaw: absent
    after: |
      current: -> releases/2026.9.6
      releases/2026.9.6: OpenClaw 2026.9.6
      releases/2026.9.6/node: -> ../../node/24.21.0
      releases/2026.9.6/openclaw: wrapper 0755 of releases/2026.9.6 (openclaw.mjs)
failure:
  description:
    - What was refused or went wrong, for machines; C(msg) says the same to people.
    - Codes are C(openclaw_version_unknown), C(node_outside_engines), C(node_version_differs), C(version_not_exact),
      C(npm_registry_missing), C(url_with_credentials), C(node_checksum_mismatch), C(node_download_failed),
      C(npm_install_failed), C(existing_missing), C(existing_unstable_path), C(root_not_own), C(root_occupied),
      C(root_not_writable), C(release_busy), C(archive_missing), C(archive_checksum_mismatch), C(archive_differs),
      C(archive_unusable), C(archive_not_packable), C(release_not_staged) and C(processes_unknown).
  returned: failure
  type: dict
  sample:
    code: node_outside_engines
    message: "OpenClaw 2026.9.6 does not run on Node 22.22.3: it needs >=24.16.0 <25 || >=26.1.0."
    layer: input
    hint: set node_version to 24.21.0.
    version: 2026.9.6
    node_version: 22.22.3
    engines: ">=24.16.0 <25 || >=26.1.0"
    suggested: 24.21.0
"""

import platform

from ansible_collections.clawops.openclaw.plugins.module_utils import _module
from ansible_collections.clawops.openclaw.plugins.module_utils._failure import check_numbers
from ansible_collections.clawops.openclaw.plugins.module_utils._release import apply

ARGUMENTS = {
    "root": {"type": "path", "default": "/opt/openclaw"},
    "state": {
        "type": "str",
        "choices": ["present", "staged", "switched", "pruned", "packed", "absent"],
        "default": "present",
    },
    "version": {"type": "str"},
    "node_version": {"type": "str"},
    "install": {"type": "str", "choices": ["npm", "archive", "existing"], "default": "npm"},
    "keep": {"type": "int", "default": 2},
    "archive": {"type": "path"},
    "archive_sha256": {"type": "str"},
    "node_url": {
        "type": "str",
        "default": "https://nodejs.org/dist/v{version}/node-v{version}-darwin-{arch}.tar.gz",
    },
    "node_sha256": {"type": "str"},
    "npm_registry": {"type": "str"},
    "existing_node": {"type": "path", "default": "/opt/homebrew/opt/node@24"},
    "existing_openclaw": {"type": "path", "default": "/opt/homebrew/lib/node_modules/openclaw"},
    "timeout": {"type": "int", "default": 900},
}

PAIR = ("version", "node_version")

STATES = {
    "present": apply.present,
    "staged": apply.staged,
    "switched": apply.switched,
    "pruned": apply.pruned,
    "packed": apply.packed,
    "absent": apply.absent,
}


def declared(module):
    check_numbers(module.params, [("keep", 0, 1000)])
    declaration = dict(module.params, system=platform.system(), machine=platform.machine())
    result = STATES[module.params["state"]](declaration, module.check_mode)
    for sentence in result.pop("warnings"):
        module.warn(sentence)
    return result


def main():
    _module.run(
        declared,
        argument_spec=ARGUMENTS,
        required_if=[
            ("state", "present", PAIR),
            ("state", "staged", PAIR),
            ("state", "switched", PAIR),
            ("state", "pruned", PAIR),
            ("state", "packed", PAIR + ("archive",)),
        ],
        supports_check_mode=True,
    )


if __name__ == "__main__":
    main()
