# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What lines of a Gateway's log come to. The lines are recorded ones, shortened."""
import json
import random

import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils._host import diary, log_lines, log_signatures

T = "2026-11-21T17:43:%02d.735+00:00 "
AT = 1795283005.735  # T % 25
SECRET = "canary-0123456789abcdef"
CLOSED = (
    "[ws] closed before connect conn=2b416684 peer=127.0.0.1:5->127.0.0.1:9 remote=127.0.0.1 fwd=n/a origin=n/a "
    "host=127.0.0.1:9 ua=%s code=%s reason=%s phase=auth_credentials_received%s"
)
UNAUTHORIZED = "[ws] unauthorized conn=2b416684 client=gateway-client auth=token device=no reason=token_mismatch"
FALLBACK = (
    "[model-fallback/decision] model fallback decision: requested=a/b candidate=stub/stub-1 "
    "reason=%s next=none detail=401 Incorrect API key provided: " + SECRET
)


def lines(*texts):
    return [((T % (second % 60)) + text).encode() for second, text in enumerate(texts)]


def count(raw, since=0.0):
    """Return the counters that are not empty."""
    tally = log_lines.Tally(since)
    for line in raw:
        tally.take(line)
    assert SECRET not in str(tally.counters())
    return {name: counts for name, counts in tally.counters().items() if counts}


def as_object(subsystem, text, fields=None, time="2026-11-21T17:43:25.735+00:00"):
    """A line of the Gateway's own log."""
    found = {"0": json.dumps({"subsystem": subsystem})}
    for value in (fields, text):
        if value is not None:
            found[str(len(found))] = value
    meta = {"date": "2026-11-21T17:43:25.735Z", "logLevelName": "WARN"}
    return json.dumps(dict(found, _meta=meta, time=time, message=text)).encode()


def test_every_counter_is_there_when_nothing_was_found():
    assert log_lines.Tally(0).counters() == {name: {} for name in log_signatures.COUNTERS}


@pytest.mark.parametrize(
    ("text", "counters"),
    [
        (CLOSED % ("n/a", "1006", "n/a", " cause=unauthorized durationMs=3"), {"closes": {"1006/unauthorized": 1}}),
        (CLOSED % ("n/a", "1002", "protocol mismatch", ""), {"closes": {"1002/protocol-mismatch": 1}}),
        (CLOSED % ("n/a", "1008", "device identity required", ""), {"closes": {"1008/device-required": 1}}),
        (CLOSED % ("n/a", "1000", "n/a", ""), {"closes": {"1000/unnamed": 1}}),
        (CLOSED % ("n/a", "1013", "n/a", " cause=gateway-restarting"), {"closes": {"1013/gateway-restarting": 1}}),
        (
            CLOSED % ("n/a", "1008", "pairing required: device is not approved yet", ""),
            {"closes": {"1008/pairing-required": 1}, "pairing": {"asked": 1}},
        ),
        ("[ws] webchat disconnected code=1012 reason=service restart conn=5", {"closes": {"1012/after_connect": 1}}),
        (UNAUTHORIZED, {"gateway_auth_failures": {"token_mismatch": 1}}),
        (FALLBACK % "auth", {"provider_auth_failures": {"stub": 1}}),
        (FALLBACK % "rate_limit", {}),
        ("[gateway] device pairing approved device=0a role=operator", {"pairing": {"granted": 1}}),
        ("[gateway] device pairing auto-approved device=0a role=operator", {"pairing": {"granted_silently": 1}}),
        ("[gateway] device pairing approval denied request=0a reason=x", {"pairing": {"refused": 1}}),
        ("[gateway] ready", {"starts": {"ready": 1}}),
        ("[gateway] ready when you are", {}),
        ("[reload] config reload skipped (invalid config): : JSON5", {"reloads": {"skipped_invalid": 1}}),
        ("[reload] config reload failed: PluginRuntimeApplicationError: Plugin x still has active retained work; "
         "retry after the work finishes", {"reloads": {"failed": 1}}),
        ("[gateway] remote model catalog refresh failed", {"plugin_failures": {"catalog_refresh": 1}}),
        ("[openclaw] Unhandled promise rejection: Error: x", {"unhandled_rejections": {"survived": 1}}),
        # Words that only quote such a line count for nothing.
        ("[agent/embedded] the log says closed before connect conn=1 code=1008 cause=unauthorized", {}),
        # What a client says of itself names no counter.
        (CLOSED % ("x cause=" + SECRET, "1008", "n/a", ""), {"closes": {"1008/other": 1}}),
        (CLOSED % ("n/a", "9999", "n/a", " cause=unauthorized"), {"closes": {"other/unauthorized": 1}}),
    ],
)
def test_a_line(text, counters):
    assert count(lines(text)) == counters
    coloured = T % 1 + "\x1b[36m" + text.replace("] ", "]\x1b[39m \x1b[33m", 1) + "\x1b[39m"
    assert count([coloured.encode()]) == counters


def test_the_gateways_own_log_says_the_same():
    fields = {"cause": "unauthorized", "durationMs": 3, "authReason": "token_mismatch"}
    bare = (CLOSED % ("n/a", "1006", "n/a", ""))[len("[ws] ") :]
    decided = {"decision": "candidate_failed", "reason": "auth", "candidateProvider": "stub", "error": SECRET}
    assert count(
        [
            as_object("gateway/ws", bare, fields),
            as_object("gateway", "gateway ready"),
            as_object("model-fallback/decision", "model fallback decision", decided),
            as_object("gateway/shutdown", "shutdown completed cleanly in 244ms"),
        ]
    ) == {
        "closes": {"1006/unauthorized": 1},
        "starts": {"ready": 1},
        "provider_auth_failures": {"stub": 1},
        "exits": {"clean": 1},
    }


LIFE = {
    "by plan": (["[gateway] loading configuration…", "[gateway] ready", "[shutdown] completed cleanly in 1ms"],
                {"process": 1, "ready": 1}, {"clean": 1}),
    "told to stop, and through": (["[gateway] loading configuration…", "[gateway] ready",
                                   "[gateway] received SIGTERM; shutting down", "[shutdown] completed in 1ms with"],
                                  {"process": 1, "ready": 1}, {"clean": 1}),
    "told to stop, and killed": (["[gateway] loading configuration…", "[gateway] ready",
                                  "[gateway] received SIGTERM; shutting down", "[gateway] loading configuration…"],
                                 {"process": 2, "ready": 1}, {"told_to_stop": 1}),
    "still running": (["[gateway] loading configuration…", "[gateway] ready"], {"process": 1, "ready": 1}, {}),
    "killed and back": (["[gateway] loading configuration…", "[gateway] ready", "[gateway] loading configuration…"],
                        {"process": 2, "ready": 1}, {"unexplained": 1}),
    "anew in itself": (["[gateway] loading configuration…", "[shutdown] completed cleanly in 1418ms",
                        "[gateway] restart mode: in-process restart (x)", "[gateway] ready"],
                       {"process": 1, "in_process": 1, "ready": 1}, {}),
    "port held": (["[gateway] loading configuration…", "[shutdown] completed cleanly in 58ms",
                   "Gateway failed to start: another gateway instance is already listening on ws://x"],
                  {"process": 1}, {"port_held": 1}),
    "two refused": (["[gateway] loading configuration…", "Refusing to bind gateway to lan without auth.",
                     "Gateway start blocked: existing config is missing gateway.mode. Treat"],
                    {"process": 2}, {"bind_without_auth": 1, "mode_missing": 1}),
    "ended, then refused": (["[gateway] loading configuration…", "[gateway] ready", "[shutdown] completed cleanly",
                             "Gateway start blocked: existing config is missing gateway.mode. Treat"],
                            {"process": 2, "ready": 1}, {"clean": 1, "mode_missing": 1}),
    "refused, then well": (["Missing config. Run `openclaw setup`", "[gateway] loading configuration…"],
                           {"process": 2}, {"config_missing": 1}),
}  # fmt: skip


@pytest.mark.parametrize("story", LIFE)
def test_the_life_of_a_gateway(story):
    said, starts, exits = LIFE[story]
    found = count(lines(*said))
    assert (found.get("starts", {}), found.get("exits", {})) == (starts, exits)


@pytest.mark.parametrize(("starts", "minutes", "storms"), [(4, 1, 0), (5, 1, 1), (9, 1, 1), (10, 1, 2), (30, 3, 0)])
def test_a_storm(starts, minutes, storms):
    raw = [
        ("2026-11-21T%02d:%02d:00Z [gateway] loading configuration…" % divmod(number * minutes, 60)).encode()
        for number in range(starts)
    ]
    assert count(raw).get("storms", {}).get("seen", 0) == storms


def test_a_time_window_holds_for_lines_without_a_time_too():
    raw = [
        b"[openclaw] Unhandled promise rejection: of no known time",
        *lines("[gateway] ready"),
        b"[openclaw] Unhandled promise rejection: of the time of the line before",
        (T % 25).encode() + b"[gateway] ready",
        b"[openclaw] Unhandled promise rejection: late enough",
    ]
    tally = log_lines.Tally(AT - 1)
    for line in raw:
        tally.take(line)
    assert tally.counters()["unhandled_rejections"] == {"survived": 1} and tally.counters()["starts"] == {"ready": 1}
    assert (tally.lines, tally.undated, tally.first, tally.last) == (2, 1, AT, AT)


def test_lines_held_back_by_the_gateway_are_told():
    tally = log_lines.Tally(0)
    tally.take(lines(CLOSED % ("n/a", "1008", "n/a suppressed=41", " cause=unauthorized"))[0])
    assert tally.suppressed == 41


@pytest.mark.parametrize(
    "line",
    [
        b"\0\0\0\0",
        b'{"0":"{\\"subsystem\\":\\"gate',
        b'{"a":' * 100000,
        b'{"time": 5, "message": ["x"], "_meta": 3, "0": "{"}',
        b'{"time": "9999-99-99T99:99:99Z", "message": "x"}',
        b"9999-99-99T99:99:99Z [ws] x",
        b"\xff\xfe\xfd [ws] closed before connect conn=",
        b"\x1b[" * 50000,
        b"closed before connect conn=" + b" reason=" * 20000,
        b"closed before connect conn=" + b"code=1" * 20000,
        b'{"message": {"a": 1}, "0": null}',
    ],
)
def test_no_line_hurts(line):
    assert sum(sum(counts.values()) for counts in count([line]).values()) <= 1


def test_names_are_bounded():
    raw = lines(*[(FALLBACK % "auth").replace("stub/stub", "p%d/stub" % number) for number in range(500)])
    found = count(raw)["provider_auth_failures"]
    assert len(found) <= log_signatures.MAX_NAMES + 1 and sum(found.values()) == 500


def filler(dice):
    return dice.choice([
        b"2026-11-21T17:43:%02d.1Z [ws] res ok config.get 660ms conn=8ecdcab5 id=3" % dice.randrange(60),
        b"    at Server.listen (node:net:5)", b"", b'{"time":"2026-11-21T17:43:07.1Z","message":"[ws] x", "broken',
        as_object("gateway", "heartbeat started", time="2026-11-21T17:43:%02d.5Z" % dice.randrange(60)), b"\0\0",
    ])  # fmt: skip


@pytest.mark.parametrize("seed", range(60))
def test_a_block_counts_as_its_lines_do(seed):
    """The fast way over a log says what the slow way over each of its lines says."""
    dice = random.Random(seed)
    said = lines(*[text for story in LIFE.values() for text in story[0]], UNAUTHORIZED, FALLBACK % "auth",
                 "\x1b[36m[gateway]\x1b[39m ready", "[openclaw] FATAL unhandled rejection: Error: x",
                 CLOSED % ("n/a", "1008", "device identity required", ""))  # fmt: skip
    raw = [dice.choice(said) if dice.random() < dice.choice((0.05, 0.5)) else filler(dice) for _line in range(200)]
    slow, fast = log_lines.Tally(AT), log_lines.Tally(AT)
    for line in raw:
        slow.take(line)
    while raw:
        count_of = dice.randrange(1, 50)
        fast.take_block(b"\n".join(raw[:count_of]) + b"\n")
        raw = raw[count_of:]
    assert fast.counters() == slow.counters() and fast.signatures == slow.signatures
    assert fast.suppressed == slow.suppressed and fast.plugins == slow.plugins


def test_signatures_of_the_table_of_codes():
    tally = log_lines.Tally(0)
    for line in lines(
        "[agent/embedded] HTTP 429: rate_limit_error: Extra usage is required for long context requests " + SECRET,
        "[agent/embedded] 400 messages[1].content: invalid type: sequence, expected a string",
        "[gateway] Config auto-restored from backup (missing-meta-vs-last-good)",
        CLOSED % ("n/a", "1008", "device identity required", ""),
        "[gateway] ready",
    ):
        tally.take_block(line + b"\n")
    assert tally.signatures == {"long_context_refused": 1, "content_not_text": 1, "config_restored": 1,
                                "DEVICE_IDENTITY_REQUIRED": 1}


def test_a_plugin_that_ended_the_gateway_is_named():
    fatal = "[openclaw] FATAL unhandled rejection: Error: x"
    stack = b"    at f (/r/dist/extensions/telegram/index.js:5)"
    tally = log_lines.Tally(0)
    tally.take_block(b"\n".join([*lines("[gateway] loading configuration", fatal), stack, stack, b""]))
    # A stack that nobody died of names nobody.
    tally.take_block(b"\n".join([*lines("[gateway] loading configuration"), stack, b""]))
    assert tally.plugins == {"telegram": 1} and tally.counters()["exits"] == {"unhandled_rejection": 1}


def test_two_logs_of_one_gateway_are_one_story():
    def one(log, read=True, **counters):
        found = dict({name: {} for name in log_signatures.COUNTERS}, **counters)
        return {"log": log, "read": read, "complete": read, "counters": found if read else None,
                "signatures": {"port_held": 1} if read else None, "plugins": {"slack": 1} if read else None}

    service = one("service", closes={"1008/unnamed": 2}, exits={"port_held": 3, "clean": 1, "unhandled_rejection": 2})
    own = one("own", closes={"1008/unauthorized": 2})
    told = diary.together([service, own], 24)
    assert told["counters"]["closes"] == {"1008/unauthorized": 2} and told["signatures"] == {"port_held": 1}
    assert told["restart_causes"] == [
        {"cause": "port_held", "plugin": None, "count": 3},
        {"cause": "unhandled_rejection", "plugin": None, "count": 1},
        {"cause": "unhandled_rejection", "plugin": "slack", "count": 1}]  # fmt: skip
    assert told["complete"] and told["hours"] == 24
    blind = diary.together([one("service", False), one("own", False)], 24)
    assert (blind["counters"], blind["signatures"], blind["restart_causes"], blind["complete"]) == (
        None, None, None, False)  # fmt: skip
