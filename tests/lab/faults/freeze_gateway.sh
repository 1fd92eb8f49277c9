# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2154,SC2013  # the lab sets what Takes names
# What: SIGSTOP for the Gateway: the process lives, the port accepts, nobody answers.
# Takes: label=ai.openclaw.gateway
# launchd's own mark finds the process: asking launchctl would show in the log that tests read.
found=
for environ in $(grep -lzx "XPC_SERVICE_NAME=$label" /proc/[0-9]*/environ 2>/dev/null); do
    pid=${environ#/proc/}; pid=${pid%/environ}
    [ "$(sed -n 's/^PPid:[[:space:]]*//p' "/proc/$pid/status")" = 1 ] && { kill -STOP "$pid"; found=1; echo "stopped $pid"; }
done
[ -n "$found" ] || { echo "no process of $label runs" >&2; exit 1; }
