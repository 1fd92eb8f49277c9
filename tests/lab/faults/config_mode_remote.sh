# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154  # the lab sets what Takes names
# What: gateway.mode is remote: somebody made this host a client of another one.
# Takes: user=openclaw
# Uses: config
edit_config 'c["gateway"]["mode"] = "remote"'
