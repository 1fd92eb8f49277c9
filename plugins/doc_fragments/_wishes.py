# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This doc fragment is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations


class ModuleDocFragment:
    # What a task can want of openclaw.json; read by module_utils/_config/wishes.py.
    DOCUMENTATION = r"""
options:
  settings:
    description:
      - Keys and the values they must have.
      - Dictionaries are merged into what is there. Lists replace what is there, unless O(list_merge) says otherwise.
        Everything else replaces.
      - Values under keys like C(token), C(password) or C(apiKey) are treated as secrets and appear nowhere.
      - A plain value in the place of a secret reference is refused (C(plain_secret)), unless O(replace) names the path.
    type: dict
    default: {}
  list_merge:
    description:
      - What becomes of a list in O(settings) where the file has a list already. The names are those of the filter
        P(ansible.builtin.combine#filter).
      - V(replace) puts the declared list in its place (comments inside the old one go with it), V(keep) leaves the list
        that is there.
      - V(append) and V(prepend) add the declared elements that the list lacks at its end or its beginning. (The filter
        adds those it has already once more; a file would grow with every run.)
      - V(append_rp) and V(prepend_rp) bring the declared elements to the end or the beginning, in their order, and
        keep the others.
    type: str
    choices: [replace, keep, append, prepend, append_rp, prepend_rp]
    default: replace
  absent:
    description:
      - Dotted paths that must not be there, for example C(gateway.webchat) or C(channels["my.bot"].enabled).
    type: list
    elements: str
    default: []
  replace:
    description:
      - Dotted paths whose subtree in O(settings) is all there may be. Keys below them that O(settings) does not name
        are removed.
      - Each must have a value in O(settings); an empty dictionary empties the subtree.
    type: list
    elements: str
    default: []
  baseline:
    description:
      - A known-good subtree to compare the configuration with. RV(baseline) tells the differences in the file as it
        was found.
      - Where O(settings) or O(absent) speak of a key, the baseline is silent about it.
    type: dict
    suboptions:
      mode:
        description:
          - V(report) only tells the differences, V(enforce) removes them too.
        type: str
        choices: [report, enforce]
        default: report
      settings:
        description:
          - Keys and their known-good values. Lists are compared as a whole.
        type: dict
        required: true
      replace:
        description:
          - Dotted paths below which a key that the baseline does not name is a difference as well.
        type: list
        elements: str
        default: []
  migrate_legacy:
    description:
      - Move keys that OpenClaw no longer takes to where their values belong, and remove retired ones.
      - C(gateway.token) and C(gateway.password) go to C(gateway.auth) if it has none; C(gateway.bind) given as an
        address becomes a bind mode; C(gateway.reload.mode) V(hot) or V(restart) becomes V(hybrid);
        C(gateway.webchat), C(gateway.tailscale.resetOnExit), C(gateway.controlUi.dangerouslyDisableDeviceAuth) and
        C(gateway.controlUi.toolTitles) are removed.
      - What O(settings) and O(absent) say wins.
    type: bool
    default: false
"""
