# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154  # the lab sets what Takes names
# What: ~/.openclaw is readable by everybody, as after chmod -R to make a backup work.
# Takes: user=openclaw mode=755
eval "home=~$user"
chmod "$mode" "$home/.openclaw"
