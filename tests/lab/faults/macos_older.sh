# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154  # the lab sets what Takes names
# What: the host runs a macOS that is out of support (until reboot).
# Takes: version=12.7.6 build=21H1320
file=/System/Library/CoreServices/SystemVersion.plist
sed "s|<string>[0-9][0-9.]*</string>|<string>$version</string>|; s|<string>[0-9][0-9][A-Z][0-9A-Za-z]*</string>|<string>$build</string>|" "$file" \
    > /private/var/run/SystemVersion.plist
cmp -s "$file" /private/var/run/SystemVersion.plist && { echo "nothing changed" >&2; exit 1; }
mount --bind /private/var/run/SystemVersion.plist "$file"
