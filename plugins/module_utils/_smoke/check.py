# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""Asks the Gateway of this host whether it is alive and ready, and notes the answer in a file. Nothing else.

The module openclaw_smoke puts this file on a host as it is, where launchd runs it on its own: it imports nothing of the
collection, knows no token, and restarts nothing. Codes are those of docs/codes.md.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import json
import os
import signal
import socket
import sys
import time

SCHEMA_VERSION = 1
#: Seconds for one answer, and between two looks.
ANSWER, AGAIN = 5, 5
#: Seconds after which a Gateway that is not healthy counts as failing: a planned restart is over by then.
PATIENCE = 60
#: Largest answer and status that are read, and most outages that are remembered.
LIMIT, OUTAGES = 65536, 16
#: What /readyz names as failing while nothing is wrong.
PASSING = {"startup-sidecars": "startup_sidecars", "gateway-draining": "draining"}


class Wrong(Exception):
    """An answer that is none, with a code and a reason."""

    def __init__(self, code, reason):
        super().__init__(reason)
        self.code, self.reason = code, reason


class Late(Exception):
    """The alarm has rung. No OSError, because of those the standard library's own sockets expect a number."""


def printable(value, limit=80):
    """Return what a stranger said as one short line."""
    return "".join(char if char.isprintable() else " " for char in str(value)[:limit])


# ---- pure: from answers to verdicts, from verdicts to a status


def judge_live(status, body):
    """Return the code and the reason of an answer of /healthz; the code is None where it is good."""
    if status == 200 and body.get("ok") is True and body.get("status") == "live":
        return None, "/healthz says live."
    if "ok" not in body and "status" not in body:
        return "not_json", "/healthz answered %d with JSON that is no Gateway's." % status
    return "not_live", "/healthz answered %d, status %s." % (status, printable(body.get("status")))


def judge_ready(status, body):
    """Return the same of an answer of /readyz."""
    if status == 200 and body.get("ready") is True:
        return None, "/readyz says ready."
    failing = body.get("failing")
    failing = [printable(name) for name in failing[:5]] if isinstance(failing, list) else []
    code = PASSING.get(failing[0], "not_ready") if len(failing) == 1 else "not_ready"
    return code, "/readyz answered %d, failing: %s." % (status, ", ".join(failing) or "not said")


ASKED = (("live", "/healthz", judge_live), ("ready", "/readyz", judge_ready))


def is_healthy(verdicts):
    return all(one["verdict"] == "ok" for one in verdicts.values())


def noted(previous, verdicts, port, interval, now):
    """Return the status after a check.

    :param previous: the status before it as it was read, of any JSON type. :param now: seconds since the epoch.
    """
    before = previous if isinstance(previous, dict) and previous.get("schema_version") == SCHEMA_VERSION else {}
    outages = before.get("outages")
    outages = [dict(one) for one in outages if isinstance(one, dict)][-OUTAGES:] if isinstance(outages, list) else []
    state, failures = "healthy", 0
    lasting = bool(outages) and outages[-1].get("until") is None
    if is_healthy(verdicts):
        if lasting:
            outages[-1]["until"] = now
    else:
        state, failures = "unhealthy", _count(before.get("failures")) + 1
        first = next(one for one in verdicts.values() if one["verdict"] != "ok")
        if not lasting:
            outages = [*outages, {"since": now, "until": None, "checks": 0}][-OUTAGES:]
        outages[-1].update(checks=_count(outages[-1].get("checks")) + 1, code=first["code"], reason=first["reason"])
    return {
        "schema_version": SCHEMA_VERSION,
        "checked": now,
        "checked_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now)),
        "port": port,
        "interval": interval,
        "state": state,
        "since": before.get("since", now) if before.get("state") == state else now,
        "failures": failures,
        "verdicts": verdicts,
        "outages": outages,
    }


def _count(value):
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


# ---- the rim: one connection, one file


def ask(port, path):
    """Return status and JSON object of one answer.

    :raises Wrong: there is none.
    """
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=ANSWER)
    signal.setitimer(signal.ITIMER_REAL, ANSWER)
    try:
        connection.request("GET", path, headers={"Accept": "application/json", "Connection": "close"})
        answer = connection.getresponse()
        kind = answer.getheader("Content-Type", "").split(";")[0].strip().lower()
        if kind != "application/json":
            code = "html_answer" if kind == "text/html" else "not_json"
            raise Wrong(code, "GET %s answered %d with %s where JSON belongs." % (path, answer.status, printable(kind)))
        body = json.loads(answer.read(LIMIT).decode("utf-8"))
        if not isinstance(body, dict):
            raise Wrong("not_json", "GET %s answered with JSON that is no Gateway's." % path)
        return answer.status, body
    except ConnectionRefusedError:
        raise Wrong("connection_refused", "nothing listens on port %d." % port) from None
    except http.client.RemoteDisconnected:
        raise Wrong("connection_closed", "port %d hung up without an answer." % port) from None
    except ConnectionResetError:
        raise Wrong("connection_reset", "port %d reset the connection." % port) from None
    except (Late, socket.timeout):  # the alarm also ends an answer that trickles
        raise Wrong("timeout", "no answer to GET %s within %d s." % (path, ANSWER)) from None
    except ValueError:
        raise Wrong("not_json", "GET %s answered with something that is no JSON." % path) from None
    except http.client.HTTPException:
        raise Wrong("not_http", "GET %s was answered by something that does not speak HTTP." % path) from None
    except OSError as error:
        raise Wrong("connection_failed", "port %d: %s." % (port, error.strerror or type(error).__name__)) from None
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        connection.close()


def look(port):
    """Return the verdicts of one look, in the shape of those of openclaw_probe."""
    verdicts = {}
    for name, path, judge in ASKED:
        if verdicts and not is_healthy(verdicts):
            said = {"verdict": "skipped", "code": "not_reached", "reason": "not tried."}
        else:
            try:
                code, reason = judge(*ask(port, path))
            except Wrong as wrong:
                code, reason = wrong.code, wrong.reason
            said = {"verdict": "fail" if code else "ok", "code": code, "reason": reason}
        verdicts[name] = said
    return verdicts


def look_patiently(port, seconds):
    """Look until the Gateway is healthy, or for so many seconds."""
    end = time.monotonic() + seconds
    while True:
        verdicts = look(port)
        if is_healthy(verdicts) or time.monotonic() + AGAIN >= end:
            return verdicts
        time.sleep(AGAIN)


def read(path):
    """Return the status of the last check, None where there is none that makes sense."""
    with contextlib.suppress(OSError, ValueError), open(path, "rb") as stream:
        return json.loads(stream.read(LIMIT).decode("utf-8"))
    return None


def write(path, status):
    """Put the status into place: complete, or not at all."""
    beside = path + ".new"
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o644)
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        os.fchmod(handle, 0o644)
        json.dump(status, stream, indent=1)
        stream.write("\n")
        stream.flush()
        os.fsync(handle)
    os.rename(beside, path)


def _ring(_signal, _frame):
    raise Late


def main(words):
    parser = argparse.ArgumentParser(description="Ask the Gateway whether it is alive and ready, and note the answer.")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--interval", type=int, required=True, help="seconds between two checks")
    parser.add_argument("--status", required=True, help="file to note the answer in")
    options = parser.parse_args(words)
    signal.signal(signal.SIGALRM, _ring)
    verdicts = look_patiently(options.port, min(PATIENCE, options.interval / 2))
    status = noted(read(options.status), verdicts, options.port, options.interval, int(time.time()))
    write(options.status, status)
    return 0 if is_healthy(verdicts) else 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
