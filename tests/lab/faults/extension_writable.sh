# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154  # the lab sets what Takes names
# What: everybody may write where the Gateway loads code from.
# Takes: user=openclaw mode=777
eval "home=~$user"
install -d -o "$user" -g "$(id -g "$user")" "$home/.openclaw/extensions"
chmod "$mode" "$home/.openclaw/extensions"
