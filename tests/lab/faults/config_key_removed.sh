# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154  # the lab sets what Takes names
# What: a managed key is gone (a dotted path).
# Takes: user=openclaw key=gateway.bind
# Uses: config
edit_config 'at = c; names = env["key"].split(".")
for name in names[:-1]:
    at = at[name]
del at[names[-1]]'
