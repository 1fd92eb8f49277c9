# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154  # the lab sets what Takes names
# What: the host is short of memory (until reboot).
# Takes: available=300000 level=4
sed -E "s/^(MemAvailable|MemFree|Cached|SReclaimable): .*/\1:        $available kB/" /proc/meminfo > /private/var/run/meminfo
mount --bind /private/var/run/meminfo /proc/meminfo
mkdir -p /private/var/db/lab
echo "kern.memorystatus_vm_pressure_level=$level" >> /private/var/db/lab/sysctl
echo 3 > /private/var/db/lab/memory_free_percentage
