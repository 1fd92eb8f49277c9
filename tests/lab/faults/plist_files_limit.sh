# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154  # the lab sets what Takes names
# What: the limits of open files are macOS' default again.
# Takes: label=ai.openclaw.gateway plist= value=256
# Uses: plist
edit_plist 'd["SoftResourceLimits"] = d["HardResourceLimits"] = {"NumberOfFiles": int(env["value"])}'
