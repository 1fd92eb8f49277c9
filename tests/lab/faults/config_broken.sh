# SPDX-License-Identifier: GPL-3.0-or-later
# What: openclaw.json ends in the middle, as after a write that was cut off.
# Takes: user=openclaw path=
eval "home=~$user"
[ -n "$path" ] || path=$home/.openclaw/openclaw.json
[ -s "$path" ] || { echo "no $path" >&2; exit 1; }
truncate -s $(($(stat -c %s "$path") / 2)) "$path"
