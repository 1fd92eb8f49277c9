# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2154  # the lab sets what Takes names
# What: openclaw.json ends in the middle, as after a write that was cut off.
# Takes: user=openclaw path=
eval "home=~$user"
[ -n "$path" ] || path=$home/.openclaw/openclaw.json
[ -s "$path" ] || { echo "no $path" >&2; exit 1; }
truncate -s $(($(stat -c %s "$path") / 2)) "$path"
