# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The files that a Gateway keeps: its state directory and its two logs."""

import contextlib
import json
import os
import time

_DEVICES = """
CREATE TABLE device_pairing_pending (request_id TEXT NOT NULL PRIMARY KEY, device_id TEXT NOT NULL,
  public_key TEXT NOT NULL, display_name TEXT, platform TEXT, device_family TEXT, client_id TEXT, client_mode TEXT,
  browser_origin TEXT, role TEXT, roles_json TEXT, scopes_json TEXT, remote_ip TEXT, silent INTEGER, is_repair INTEGER,
  ts INTEGER NOT NULL, refreshed_at_ms INTEGER);
CREATE TABLE device_pairing_paired (device_id TEXT NOT NULL PRIMARY KEY, public_key TEXT NOT NULL, display_name TEXT,
  operator_label TEXT, platform TEXT, device_family TEXT, client_id TEXT, client_mode TEXT, browser_origin TEXT,
  role TEXT, roles_json TEXT, scopes_json TEXT, approved_scopes_json TEXT, remote_ip TEXT, tokens_json TEXT,
  approved_via TEXT, node_surface_json TEXT, pending_node_surface_json TEXT, created_at_ms INTEGER NOT NULL,
  approved_at_ms INTEGER NOT NULL, last_seen_at_ms INTEGER, last_seen_reason TEXT);
CREATE TABLE device_identities (identity_key TEXT NOT NULL PRIMARY KEY, device_id TEXT NOT NULL,
  public_key_pem TEXT NOT NULL, private_key_pem TEXT NOT NULL, created_at_ms INTEGER NOT NULL,
  updated_at_ms INTEGER NOT NULL);
CREATE TABLE device_auth_tokens (device_id TEXT NOT NULL, role TEXT NOT NULL, token TEXT NOT NULL,
  scopes_json TEXT NOT NULL, updated_at_ms INTEGER NOT NULL, PRIMARY KEY (device_id, role));
PRAGMA user_version = 18;
"""


def state_directory(environment):
    """Return the state directory that the environment names."""
    return environment.get("OPENCLAW_STATE_DIR") or os.path.join(environment.get("HOME", "/"), ".openclaw")


def _private(path, data, flags=os.O_TRUNC):
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | flags, 0o600)
    os.write(fd, data)
    os.close(fd)


class Home:
    """One state directory."""

    def __init__(self, state, config):
        self.state, self.config = state, config
        self.temporary = os.path.join(state, "tmp", "openclaw-%d" % os.getuid())

    def furnish(self):
        """Make what a Gateway makes at its first start; return the key of its hashes."""
        for name in ("state", "media/outbound", "cache", "tmp/agent-cli", self.temporary):
            os.makedirs(os.path.join(self.state, name), mode=0o700, exist_ok=True)
        key = os.path.join(self.state, "config-journal-fingerprint.key")
        if not os.path.exists(key):
            _private(key, os.urandom(32))
        self._database()
        with open(key, "rb") as stream:
            return stream.read()

    def _database(self):
        path = os.path.join(self.state, "state", "openclaw.sqlite")
        if os.path.exists(path):
            return
        # In a child, so that SQLite's memory goes with it; and without a farewell, so that its journal stays, as that
        # of a running Gateway does.
        child = os.fork()
        if child:
            os.waitpid(child, 0)
            return
        import sqlite3

        os.umask(0o077)
        database = sqlite3.connect(path)
        database.execute("PRAGMA journal_mode = WAL")
        database.executescript(_DEVICES)
        now = int(time.time() * 1000)
        database.execute("INSERT INTO device_identities VALUES ('primary', ?, '', '', ?, ?)",
                         (os.urandom(32).hex(), now, now))
        database.commit()
        os._exit(0)

    def lock(self, port):
        """Note whose directory this is."""
        stamp = time.time()
        note = {
            "pid": os.getpid(), "ownerId": os.urandom(16).hex(), "cronOwnerProjection": "dynamic-default-v1",
            "createdAt": _utc(stamp) + "Z", "configPath": self.config, "stateDir": self.state, "port": port,
        }
        for name in ("gateway.state.lock", "gateway.%08x.lock" % (hash_of(self.config))):
            _private(os.path.join(self.temporary, name), json.dumps(note, indent=2).encode("utf-8"))

    def unlock(self):
        for name in ("gateway.state.lock", "gateway.%08x.lock" % (hash_of(self.config))):
            with contextlib.suppress(OSError):
                os.unlink(os.path.join(self.temporary, name))


def hash_of(text):
    """Return 32 bits of a text, the same in every run."""
    value = 2166136261
    for byte in text.encode("utf-8"):
        value = (value ^ byte) * 16777619 & 0xFFFFFFFF
    return value


def _utc(stamp):
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(stamp)) + ".%03d" % (stamp % 1 * 1000)


class Log:
    """The Gateway's words: as text where launchd keeps its output, as JSON in its own file of the day."""

    def __init__(self, hostname):
        self._host = hostname
        self._directory = "/tmp/openclaw"
        try:
            os.mkdir(self._directory, 0o700)
        except FileExistsError:
            if os.stat(self._directory).st_uid != os.getuid():
                self._directory = "%s/openclaw-%d" % (os.environ.get("TMPDIR", "/tmp").rstrip("/"), os.getuid())
                os.makedirs(self._directory, mode=0o700, exist_ok=True)

    @property
    def path(self):
        return "%s/openclaw-%s.log" % (self._directory, time.strftime("%Y-%m-%d"))

    def say(self, subsystem, text, level="INFO"):
        stamp = _utc(time.time())
        name = json.dumps({"subsystem": subsystem}, separators=(",", ":"))
        shown = "%s+00:00" % stamp
        line = {
            "0": name, "1": text, "_meta": {
                "runtime": "node", "runtimeVersion": "stand-in", "hostname": self._host, "date": stamp + "Z",
                "logLevelId": 3 if level == "INFO" else 5, "logLevelName": level, "name": name,
                "parentNames": ["openclaw"]},
            "time": shown, "hostname": self._host, "message": text,
        }
        os.write(1, ("%s [%s] %s\n" % (shown, subsystem.split("/")[-1], text)).encode("utf-8"))
        with contextlib.suppress(OSError):  # a full disk is a fault that the lab injects; the real one goes on, too
            _private(self.path, (json.dumps(line, ensure_ascii=False) + "\n").encode("utf-8"), os.O_APPEND)
