# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154  # the lab sets what Takes names
# What: gateway.remote.token is left from a time when this host was a client.
# Takes: user=openclaw value=stale-token-of-an-older-install-0000
# Uses: config
edit_config 'c["gateway"]["remote"] = {"url": "ws://192.0.2.1:18789", "token": env["value"]}'
