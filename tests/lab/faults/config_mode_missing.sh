# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154  # the lab sets what Takes names
# What: gateway.mode is gone, as after a script that wrote its own gateway block.
# Takes: user=openclaw
# Uses: config
edit_config 'del c["gateway"]["mode"]'
