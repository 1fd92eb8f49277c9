# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154  # the lab sets what Takes names
# What: gateway.auth.token is gone: the Gateway invents one for itself at each start.
# Takes: user=openclaw
# Uses: config
edit_config 'del c["gateway"]["auth"]["token"]'
