# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2016,SC2034,SC2154  # the lab sets what Takes names
# What: openclaw.json includes a file that is not there any more.
# Takes: user=openclaw
# Uses: config
edit_config 'c["agents"] = {"$include": "./agents.json5"}'
