# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154  # the lab sets what Takes names
# What: gateway.auth.token was changed by hand: it is a good one, but not the one the fleet knows.
# Takes: user=openclaw value=another-token-that-nobody-was-told-0000
# Uses: config
edit_config 'c["gateway"]["auth"]["token"] = env["value"]'
