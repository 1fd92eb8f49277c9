# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154  # the lab sets what Takes names
# What: plugins.entries names a plugin that is not installed any more.
# Takes: user=openclaw id=lobster-notes
# Uses: config
edit_config 'c["plugins"] = {"entries": {env["id"]: {"enabled": True}}}'
