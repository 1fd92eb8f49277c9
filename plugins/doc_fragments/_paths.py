# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This doc fragment is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  paths:
    description:
      - Further ways to the Gateway, each with what is expected of it.
      - Each is walked once, after O(wait_for), with the same token. What comes of it stands in RV(paths), and the
        host is only V(healthy) when every path is.
      - A path does not make the module fail, unless O(expect) holds V(paths).
    type: list
    elements: dict
    default: []
    suboptions:
      kind:
        description:
          - Which way it is.
          - V(loopback), straight to 127.0.0.1.
          - V(loopback_forced_host), to 127.0.0.1 with the C(Host), C(Origin) and further headers that the public
            ingress sends.
          - V(self), as the Gateway's own commands and children connect, from the environment of its process and the
            files that this environment leads to.
          - V(advertised), to the URL that people are told, with the C(Origin) that their browser sends. Unless
            O(paths[].url) is given, each of C(gateway.controlUi.allowedOrigins). Certificates are verified, and
            where the way is neither encrypted nor loopback the token is not presented (V(token_withheld)).
          - V(lan), on every other address of the host, where it must be refused.
          - V(container), to the name of the Gateway's service instead of 127.0.0.1, from inside a container.
          - V(bastion), from the controller, through SSH and its hops to 127.0.0.1 of the host; and it must not be
            possible to get in without. Needs paramiko on the controller. Host keys are verified.
          - V(tailnet), from the controller, straight to O(paths[].url).
        type: str
        required: true
        choices: [loopback, loopback_forced_host, self, advertised, lan, container, bastion, tailnet]
      name:
        description:
          - Name of the path in RV(paths). Defaults to its O(paths[].kind).
        type: str
      url:
        description:
          - Where it leads, as C(https://gateway.example.com) or C(http://gateway:18789). For V(advertised),
            V(container) and V(tailnet).
        type: str
      host_header:
        description:
          - Value of the C(Host) header.
        type: str
      origin:
        description:
          - Value of the C(Origin) header. A Gateway takes the scopes from a connection that has one.
        type: str
      headers:
        description:
          - Further headers, as C(X-Forwarded-For).
        type: dict
        default: {}
      expect:
        description:
          - Verdicts that must be V(ok). The default depends on the kind. Only a direct connection over loopback keeps
            its scopes, so for the other ways it ends with V(auth). V(lan) is held to V(exposure).
        type: list
        elements: str
        choices: [tcp, live, ready, auth, scope, rpc, config_applied, exposure]
        default: []
      refusal:
        description:
          - Codes, for a way that must not work. It is healthy when one of them is what stops it.
        type: list
        elements: str
        default: []
      ca_path:
        description:
          - File with the certificates to trust, instead of the system's.
        type: path
      hops:
        description:
          - Jump hosts of V(bastion), outermost first, as C(user@host:port).
        type: list
        elements: str
        default: []
      key_file:
        description:
          - Private key of V(bastion), on the controller. Unless given, that of the inventory, and the keys of the
            agent.
        type: path
      known_hosts:
        description:
          - File with the known host keys of V(bastion), on the controller. Unless given, the C(UserKnownHostsFile) in
            C(ansible_ssh_common_args), else C(~/.ssh/known_hosts).
        type: path
      address:
        description:
          - Address of the host at which V(bastion) knocks directly. Unless given, C(ansible_host).
        type: str
"""
