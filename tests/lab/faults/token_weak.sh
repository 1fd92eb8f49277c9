# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154  # the lab sets what Takes names
# What: gateway.auth.token is one that a person can remember.
# Takes: user=openclaw value=changeme
# Uses: config
edit_config 'c["gateway"]["auth"]["token"] = env["value"]'
