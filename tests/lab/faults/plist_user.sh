# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154  # the lab sets what Takes names
# What: UserName is another account, as after somebody tried it as himself.
# Takes: label=ai.openclaw.gateway plist= value=admin
# Uses: plist
edit_plist 'd["UserName"] = env["value"]'
