# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154  # the lab sets what Takes names
# What: ~/.openclaw belongs to root, as after openclaw was run with sudo.
# Takes: user=openclaw owner=root
eval "home=~$user"
chown "$owner" "$home/.openclaw"
