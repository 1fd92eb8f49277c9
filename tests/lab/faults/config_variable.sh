# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154  # the lab sets what Takes names
# What: a key takes its value from a variable that nothing sets.
# Takes: user=openclaw key=logging.file value=/Users/openclaw/Library/Logs/${OPENCLAW_LOG_NAME}.log
# Uses: config
edit_config 'at = c; names = env["key"].split(".")
for name in names[:-1]:
    at = at.setdefault(name, {})
at[names[-1]] = env["value"]'
