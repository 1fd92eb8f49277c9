# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154  # the lab sets what Takes names
# What: OPENCLAW_STATE_DIR in the property list: the next start uses another root.
# Takes: label=ai.openclaw.gateway plist= value=/Users/openclaw/gateway-state
# Uses: plist
edit_plist 'd["EnvironmentVariables"]["OPENCLAW_STATE_DIR"] = env["value"]'
