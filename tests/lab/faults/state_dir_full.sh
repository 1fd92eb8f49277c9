# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2154  # the lab sets what Takes names
# What: the file system of the state directory is full (a small tmpfs over it that keeps the config; gone at reboot).
# Takes: user=openclaw path= kilobytes=512
eval "home=~$user"
[ -n "$path" ] || path=$home/.openclaw
[ -d "$path" ] || install -d -m 700 -o "$user" "$path"
keep=$(mktemp -d)
find "$path" -maxdepth 1 -type f -name '*.json' -exec cp -p {} "$keep/" \;
owner=$(stat -c %u:%g "$path")
mount -t tmpfs -o "size=${kilobytes}k,mode=700,uid=${owner%:*},gid=${owner#*:}" tmpfs "$path"
find "$keep" -type f -exec cp -p {} "$path/" \;
rm -rf "$keep"
dd if=/dev/zero of="$path/.fill" bs=4k 2>/dev/null || :
