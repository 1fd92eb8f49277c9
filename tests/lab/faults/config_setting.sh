# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154  # the lab sets what Takes names
# What: a managed key has another value (a dotted path; the value is JSON).
# Takes: user=openclaw key=logging.level value="trace"
# Uses: config
edit_config 'at = c; names = env["key"].split(".")
for name in names[:-1]:
    at = at.setdefault(name, {})
at[names[-1]] = json.loads(env["value"])'
