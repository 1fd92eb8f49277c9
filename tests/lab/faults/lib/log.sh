# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154
# log_lines TEXT: the lines of TEXT, written $count times into the log of the Gateway, $apart seconds between two
# times and the last time just now, as OpenClaw writes its lines. {n} in them is the number of the time.
log_lines() {
    eval "home=~$user"
    [ -n "$log" ] || log=$home/Library/Logs/openclaw/gateway.log
    /usr/bin/python3 -IS - "$log" "$count" "$apart" "$1" <<'PYTHON'
import datetime, sys
path, count, apart, text = sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), sys.argv[4]
now = datetime.datetime.now(datetime.timezone.utc)
with open(path, "a", encoding="utf-8") as stream:
    for time in range(count):
        at = now - datetime.timedelta(seconds=apart * (count - 1 - time))
        for line in text.replace("{n}", "%08x" % time).splitlines():
            stream.write("%s+00:00 %s\n" % (at.strftime("%Y-%m-%dT%H:%M:%S.") + "%03d" % (at.microsecond // 1000), line))
PYTHON
}
