# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154  # the lab sets what Takes names
# What: gateway.port is changed by hand.
# Takes: user=openclaw value=18790
# Uses: config
edit_config 'c["gateway"]["port"] = int(env["value"])'
