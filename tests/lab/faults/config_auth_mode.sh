# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154  # the lab sets what Takes names
# What: gateway.auth.mode is changed by hand.
# Takes: user=openclaw value=password
# Uses: config
edit_config 'c["gateway"]["auth"].update(mode=env["value"], password="a-password-typed-by-hand-0000")'
