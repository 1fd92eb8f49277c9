# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154  # the lab sets what Takes names
# What: FileVault is on: after a power cut the host waits at the screen for a password.
# Takes:
mkdir -p /private/var/db/lab
echo On > /private/var/db/lab/filevault
