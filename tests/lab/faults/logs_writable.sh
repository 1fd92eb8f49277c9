# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154  # the lab sets what Takes names
# What: everybody may write into the directory of the Gateway's logs.
# Takes: user=openclaw mode=777
eval "home=~$user"
chmod "$mode" "$home/Library/Logs/openclaw"
