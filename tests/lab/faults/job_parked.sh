# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154  # the lab sets what Takes names
# What: launchd loads the job and does not spawn it (until clear): the respawn gate of a real Mac.
# Takes: label=ai.openclaw.gateway
# Launchd: park label={label}
