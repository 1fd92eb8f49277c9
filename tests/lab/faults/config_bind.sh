# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154  # the lab sets what Takes names
# What: gateway.bind is changed by hand, to reach the Gateway from a phone.
# Takes: user=openclaw value=lan
# Uses: config
edit_config 'c["gateway"]["bind"] = env["value"]'
