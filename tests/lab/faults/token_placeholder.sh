# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154  # the lab sets what Takes names
# What: gateway.auth.token is what a broken script leaves behind.
# Takes: user=openclaw value=undefined
# Uses: config
edit_config 'c["gateway"]["auth"]["token"] = env["value"]'
