# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A real Gateway that is asked over its WebSocket what it runs with, and whose log says how it took a change."""
import contextlib
import re
import socket
import time

from ansible_collections.clawops.openclaw.plugins.module_utils._gateway import rpc, websocket, wire
from real_gateway import TOKEN, RealGateway

#: Seconds for a Gateway to start or to take a change. Both take seconds on a quiet machine.
PATIENCE = 90.0

#: What the Gateway logs about a change -> the effect, as openclaw_config words it.
SAID = (
    ("config change requires gateway restart (", "in_process_restart"),
    ("config hot reload applied (", "hot"),
    ("config reload disabled (gateway.reload.mode=off)", "restart"),
)
BASE = """\
// kept by hand
{
  meta: { lastTouchedVersion: "2026.9.6" },
  gateway: {
    mode: 'local', port: %d, bind: 'loopback', // not for the network
    auth: { mode: "token", token: "%s" },
    controlUi: { allowedOrigins: ["https://one.example.net"] },
  },
  logging: { level: "info", consoleStyle: "pretty" }, /* plain words */
  cron: { enabled: true },
  "session": {
    resetTriggers: [
      "/new", // the first
      "/reset",
    ],
  },
  update: { checkOnStart: false },
  discovery: { mdns: { mode: "off" } },
  tools: { deny: ["browser"], updatePlan: false },
}
"""


class WatchedGateway(RealGateway):
    """One life of a Gateway. C(secret) and C(port) follow what a test has declared last."""

    def __init__(self, home):
        super().__init__(home)
        self.secret = TOKEN
        self.write(BASE % (self.port, TOKEN))

    @contextlib.contextmanager
    def session(self, patience=PATIENCE):
        """A connection that asks with the token of the moment, and what the Gateway said to greet it."""
        end = time.monotonic() + patience
        while True:
            try:
                sock = socket.create_connection(("127.0.0.1", self.port), 10)
                line = websocket.WebSocket.open(wire.Wire(sock, wire.Deadline(60)), "/", "127.0.0.1", {})
                talk = rpc.Session(line)
                hello = talk.connect({"token": self.secret})
                break
            except (OSError, wire.WireError) as error:
                assert time.monotonic() < end, "no session: %s\n%s" % (error, self.log()[-3000:])
                assert self.process.poll() is None, "the Gateway has ended:\n%s" % self.log()[-3000:]
                time.sleep(0.1)
        try:
            yield talk, hello
        finally:
            line.close()

    def look(self):
        """(boot id, answer to config.get) of now; of the moment after, where it is just restarting."""
        end = time.monotonic() + PATIENCE
        while True:
            with self.session() as (talk, hello):
                try:
                    return hello["server"].get("bootId"), talk.call("config.get", {})
                except wire.WireError as error:
                    assert time.monotonic() < end, "no answer: %s" % error
            time.sleep(0.1)

    def log(self):
        text = (self.home / "log").read_text(errors="replace")
        return re.sub(r"\x1b\[[0-9;]*m", "", text)

    def said(self, mark):
        """Lines about reloads since the log had C(mark) characters."""
        lines = [line for line in self.log()[mark:].splitlines() if "[reload]" in line]
        refused = [line for line in lines if "skipped" in line or "failed" in line]
        assert not refused, refused
        return lines

    def await_said(self, mark, words):
        """Wait for words in a line about reloads."""
        end = time.monotonic() + PATIENCE
        while not any(words in line for line in self.said(mark)):
            assert time.monotonic() < end, "never said %r:\n%s" % (words, self.log()[mark:])
            time.sleep(0.1)

    def reaction(self, mark, boot, shown):
        """Wait until the Gateway has taken what was written since its log had C(mark) characters; return the effect.

        :param boot: boot id before. :param shown: function of config.get's answer: whether the new value is in it.
        """
        self.await_said(mark, "config change detected")
        end = time.monotonic() + PATIENCE
        while True:
            boot_now, answer = self.look()
            effect = self.effect(mark)
            applied = answer["configRevisionHash"] == answer["appliedConfigHash"] and shown(answer)
            if effect == "restart" or (applied and (boot_now != boot) == (effect == "in_process_restart")):
                return effect
            assert time.monotonic() < end, "never applied:\n%s" % self.log()[mark:]
            time.sleep(0.1)

    def effect(self, mark):
        """A change that is read at its next use is not worth a word to the Gateway."""
        said = "\n".join(self.said(mark))
        return next((effect for words, effect in SAID if words in said), "none")
