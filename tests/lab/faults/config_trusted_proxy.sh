# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154  # the lab sets what Takes names
# What: gateway.auth.mode is trusted-proxy without its block: the next start fails.
# Takes: user=openclaw
# Uses: config
edit_config 'c["gateway"]["auth"]["mode"] = "trusted-proxy"'
