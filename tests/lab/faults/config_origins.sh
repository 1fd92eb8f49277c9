# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154  # the lab sets what Takes names
# What: gateway.controlUi.allowedOrigins has an origin more, added for a tunnel.
# Takes: user=openclaw value=https://mini.example.net
# Uses: config
edit_config 'ui = c["gateway"].setdefault("controlUi", {}); ui["allowedOrigins"] = ui.get("allowedOrigins", []) + [env["value"]]'
