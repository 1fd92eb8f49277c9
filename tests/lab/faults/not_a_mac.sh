# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2154  # the lab sets what Takes names
# What: the host turns out to be a Linux machine: no launchctl, no macOS version (until reboot).
# Takes:
mkdir -p /private/var/run/not-a-mac
: > /private/var/run/not-a-mac/empty
site=$(/usr/bin/python3 -c 'import sitecustomize; print(sitecustomize.__file__)')
for file in "$site" /usr/bin/launchctl /usr/bin/sw_vers /System/Library/CoreServices/SystemVersion.plist; do
    mount --bind /private/var/run/not-a-mac/empty "$file"
done
