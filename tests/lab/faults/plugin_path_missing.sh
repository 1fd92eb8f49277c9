# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154  # the lab sets what Takes names
# What: plugins.load.paths leads to a checkout that is gone.
# Takes: user=openclaw path=/Users/openclaw/src/notes-plugin
# Uses: config
edit_config 'c["plugins"] = {"load": {"paths": [env["path"]]}}'
