# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2154  # the lab sets what Takes names
# What: System Settings switched the background item off: launchd refuses to load the label.
# Takes: label=ai.openclaw.gateway domain=system
# Launchd: disable_behind_back label={label} domain={domain}
