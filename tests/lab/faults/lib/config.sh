# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154
# edit_config STATEMENT: run Python on openclaw.json as data (c; env: the parameters), and write it as an editor does.
edit_config() {
    eval "home=~$user"
    /usr/bin/python3 -IS - "$home/.openclaw/openclaw.json" "$1" <<'PYTHON'
import json, os, sys
path, statement = sys.argv[1:]
env = os.environ
with open(path, encoding="utf-8") as stream:
    c = json.load(stream)
exec(statement)
known = os.stat(path)
with open(path + ".edited", "w", encoding="utf-8") as stream:
    json.dump(c, stream, indent=2)
os.chown(path + ".edited", known.st_uid, known.st_gid)
os.chmod(path + ".edited", known.st_mode & 0o777)
os.rename(path + ".edited", path)
PYTHON
}
