# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154  # the lab sets what Takes names
# What: the host swaps most of what it runs (until reboot).
# Takes: total=8192 used=7400
sed -E "s/^SwapTotal: .*/SwapTotal:      $((total * 1024)) kB/; s/^SwapFree: .*/SwapFree:       $(((total - used) * 1024)) kB/" \
    /proc/meminfo > /private/var/run/meminfo
mount --bind /private/var/run/meminfo /proc/meminfo
mkdir -p /private/var/db/lab
echo "vm.swapusage=total = $total.00M  used = $used.00M  free = $((total - used)).00M  (encrypted)" >> /private/var/db/lab/sysctl
