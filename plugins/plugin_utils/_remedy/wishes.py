# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""What openclaw.json has to say on a host of a class: its own settings, and the baseline below them. Pure."""

from __future__ import annotations

from ansible_collections.clawops.openclaw.plugins.module_utils._config.paths import format_path


def wishes(settings, baseline):
    """Return what to hand to openclaw_config.

    :param settings: declared for this host, nested. :param baseline: declared for its class, nested; null where there
        shall be no such key. What the host says wins.
    :returns: C({settings, absent}), the latter dotted paths.
    """
    merged, absent = _joined(settings, baseline, ())
    return {"settings": merged, "absent": [format_path(path) for path in absent]}


def _joined(settings, baseline, place):
    merged, absent = dict(settings), []
    for key, value in baseline.items():
        path = place + (key,)
        own = settings.get(key)
        if isinstance(value, dict) and (key not in settings or isinstance(own, dict)):
            below, gone = _joined(own or {}, value, path)
            absent += gone
            if below or not value:
                merged[key] = below
        elif key in settings:
            continue
        elif value is None:
            absent.append(path)
        else:
            merged[key] = value
    return merged, absent
