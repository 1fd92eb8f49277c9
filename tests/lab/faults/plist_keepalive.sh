# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154  # the lab sets what Takes names
# What: KeepAlive is gone: a Gateway that ends stays away.
# Takes: label=ai.openclaw.gateway plist=
# Uses: plist
edit_plist 'd["KeepAlive"] = False'
