# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154  # the lab sets what Takes names
# What: somebody booted the job out to look at something, and never loaded it again.
# Takes: label=ai.openclaw.gateway domain=system
# Launchd: boot_out label={label} domain={domain}
