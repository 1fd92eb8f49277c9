# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154  # the lab sets what Takes names
# What: a channel takes messages from everybody.
# Takes: user=openclaw channel=telegram
# Uses: config
edit_config 'c["channels"] = {env["channel"]: {"dmPolicy": "open", "allowFrom": ["*"]}}'
