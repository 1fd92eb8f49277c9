# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2154  # the lab sets what Takes names
# What: the state directory is on a read-only file system (gone at reboot).
# Takes: user=openclaw path=
eval "home=~$user"
[ -n "$path" ] || path=$home/.openclaw
[ -d "$path" ] || install -d -m 700 -o "$user" "$path"
mount --bind "$path" "$path"
mount -o remount,bind,ro "$path"
