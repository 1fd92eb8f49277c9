# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154
# edit_plist STATEMENT: run Python on the job's property list as data (d; env: the parameters), and write it in place.
edit_plist() {
    [ -n "$plist" ] || plist=/Library/LaunchDaemons/$label.plist
    /usr/bin/python3 -IS - "$plist" "$1" <<'PYTHON'
import os, plistlib, sys
path, statement = sys.argv[1:]
env = os.environ
with open(path, "rb") as stream:
    d = plistlib.load(stream)
exec(statement)
with open(path, "wb") as stream:
    plistlib.dump(d, stream)
PYTHON
}

# new_plist PATH STATEMENT: make a property list from a dictionary (d) that Python fills.
new_plist() {
    /usr/bin/python3 -IS - "$1" "$2" <<'PYTHON'
import os, plistlib, sys
path, statement = sys.argv[1:]
env, d = os.environ, {}
exec(statement)
with open(path, "wb") as stream:
    plistlib.dump(d, stream)
os.chmod(path, 0o644)
PYTHON
}
