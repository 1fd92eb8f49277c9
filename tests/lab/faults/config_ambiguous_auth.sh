# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154  # the lab sets what Takes names
# What: token and password are both set and gateway.auth.mode is gone: the next start fails.
# Takes: user=openclaw
# Uses: config
edit_config 'del c["gateway"]["auth"]["mode"]; c["gateway"]["auth"]["password"] = "a-password-typed-by-hand-0000"'
