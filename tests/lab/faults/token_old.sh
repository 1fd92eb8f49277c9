# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154  # the lab sets what Takes names
# What: so many days pass in which nobody rotates the token.
# Takes: user=openclaw days=400
eval "home=~$user"
/usr/bin/python3 -IS - "$home/.openclaw" "$days" <<'PYTHON'
import datetime, json, os, sys, time
state, seconds = sys.argv[1], int(sys.argv[2]) * 86400
for name in ("openclaw.json", "gateway-token.since.json"):
    path = os.path.join(state, name)
    if name.startswith("gateway-token"):
        with open(path, encoding="utf-8") as stream:
            noted = json.load(stream)
        since = datetime.datetime.strptime(noted["since"], "%Y-%m-%dT%H:%M:%SZ") - datetime.timedelta(seconds=seconds)
        with open(path, "w", encoding="utf-8") as stream:
            json.dump(dict(noted, since=since.strftime("%Y-%m-%dT%H:%M:%SZ")), stream)
    os.utime(path, (time.time() - seconds, time.time() - seconds))
PYTHON
