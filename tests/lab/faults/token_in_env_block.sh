# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154  # the lab sets what Takes names
# What: a stale token in the env block of openclaw.json.
# Takes: user=openclaw value=stale-token-of-an-older-install-0000
# Uses: config
edit_config 'c["env"] = {"vars": {"OPENCLAW_GATEWAY_TOKEN": env["value"]}}'
