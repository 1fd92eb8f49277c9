# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154
# place PATH MODE: make a file of the Gateway's user from the input, and the directories to it.
place() {
    owner=$(id -u "$user"):$(id -g "$user")
    parent=$(dirname "$1")
    # Only what was not there becomes the user's.
    [ -d "$parent" ] || { install -d -m 700 "$parent"; chown "$owner" "$parent"; }
    cat > "$1"
    chown "$owner" "$1"
    chmod "$2" "$1"
}

# openclaw_in PATH VERSION: make an openclaw of a version below PATH (a node_modules), with the files a look reads.
openclaw_in() {
    install -d "$1/openclaw/dist"
    printf '{"name": "openclaw", "version": "%s", "engines": {"node": ">=22.14.0"}, "bin": {"openclaw": "openclaw.mjs"}}\n' \
        "$2" > "$1/openclaw/package.json"
    printf '#!/usr/bin/env node\nconsole.log("OpenClaw %s");\n' "$2" > "$1/openclaw/openclaw.mjs"
    cp "$1/openclaw/openclaw.mjs" "$1/openclaw/dist/index.js"
    chmod 755 "$1/openclaw/openclaw.mjs"
}

# run_as ACCOUNT COMMAND…: start it with no terminal, and leave it alone.
run_as() {
    account=$1
    shift
    sudo -u "$account" sh -c '"$@" </dev/null >/dev/null 2>&1 &' sh "$@"
}
