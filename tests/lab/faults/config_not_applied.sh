# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154  # the lab sets what Takes names
# What: openclaw.json was edited while reloading was off: the Gateway runs another one (until it starts anew).
# Takes: user=openclaw
# Uses: config
edit_config 'c["gateway"]["reload"] = {"mode": "off"}'
# As long as the running Gateway takes to stop looking.
sleep 5
edit_config 'c.setdefault("agents", {}).setdefault("defaults", {})["maxConcurrent"] = 2'
