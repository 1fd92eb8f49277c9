# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154  # the lab sets what Takes names
# What: gateway.auth.token was changed while reloading was off: the Gateway still takes the old one.
# Takes: user=openclaw value=another-token-that-nobody-was-told-0000
# Uses: config
edit_config 'c["gateway"]["reload"] = {"mode": "off"}'
# As long as the running Gateway takes to stop looking.
sleep 5
edit_config 'c["gateway"]["auth"]["token"] = env["value"]'
