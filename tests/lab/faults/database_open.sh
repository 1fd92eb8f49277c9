# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154  # the lab sets what Takes names
# What: the database with the devices' tokens is readable by everybody.
# Takes: user=openclaw mode=644
eval "home=~$user"
chmod "$mode" "$home/.openclaw/state/openclaw.sqlite"
