# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154  # the lab sets what Takes names
# What: a lock of a Gateway of before the state directory moved: its process is gone.
# Takes: user=openclaw pid=4194000
# Uses: files
eval "home=~$user"
uid=$(id -u "$user")
printf '{"pid": %s, "createdAt": "2026-11-19T21:10:44.120Z", "configPath": "%s", "port": 19789, "startTime": 812}\n' \
    "$pid" "$home/.openclaw/openclaw.json" | place "$home/.openclaw/tmp/openclaw-$uid/gateway.0badcafe.lock" 600
