# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154
# state_sql PATH STATEMENT [VALUES]: run SQL in a database of OpenClaw's, made if it is not there. VALUES is Python, in which
# env has the parameters and ago(DAYS) is milliseconds since the epoch.
state_sql() {
    /usr/bin/python3 -IS - "$@" <<'PYTHON'
import json, os, sqlite3, sys, time
path, statement, env = sys.argv[1], sys.argv[2], os.environ
def ago(days):
    return int((time.time() - days * 86400) * 1000)
values = eval(sys.argv[3].strip()) if len(sys.argv) > 3 else []
with sqlite3.connect(path, timeout=20) as base:
    base.execute(statement, values)
base.close()
known = os.stat(os.path.dirname(path))
for name in (path, path + "-wal", path + "-shm"):
    if os.path.exists(name):
        os.chown(name, known.st_uid, known.st_gid)
        os.chmod(name, 0o600)
PYTHON
}
