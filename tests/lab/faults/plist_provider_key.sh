# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154  # the lab sets what Takes names
# What: a provider's key in EnvironmentVariables, where everybody on the host can read it.
# Takes: label=ai.openclaw.gateway plist= key=OPENAI_API_KEY value=sk-stale-key-in-a-plist-000000000000
# Uses: plist
edit_plist 'd["EnvironmentVariables"][env["key"]] = env["value"]'
