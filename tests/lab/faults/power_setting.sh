# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154  # the lab sets what Takes names
# What: a power setting is as macOS ships it, or as an update left it.
# Takes: key=sleep value=10
/usr/bin/pmset -a "$key" "$value"
