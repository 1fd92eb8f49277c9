# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a path comes to against what is expected of it, and what all come to together."""
import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure
from ansible_collections.clawops.openclaw.plugins.module_utils._gateway import declared_paths, paths, ways
from ansible_collections.clawops.openclaw.plugins.module_utils._gateway.codes import meaning
from ansible_collections.clawops.openclaw.plugins.module_utils._gateway.target import Credential
from ansible_collections.clawops.openclaw.plugins.module_utils._gateway.verdict import NAMES
from ansible_collections.clawops.openclaw.plugins.module_utils._host import memory


def vector(**codes):
    """A vector that is ok but for what is said: a code, or None for skipped."""
    made = {name: {"verdict": "ok", "code": None, "reason": "fine.", "ms": 1.0} for name in NAMES}
    for name, code in codes.items():
        code = code or "not_reached"
        made[name] = {"verdict": meaning(code).verdict, "code": code, "reason": "told.", "ms": None}
    return made


@pytest.mark.parametrize("kind, expect, refusal, seen, state, code", [
    ("loopback", [], [], vector(), "healthy", None),
    ("loopback", [], [], vector(exposure=None), "healthy", None),
    ("loopback", [], [], vector(config_applied="config_pending"), "degraded", "config_pending"),
    ("loopback", ["live"], [], vector(auth="AUTH_TOKEN_MISMATCH"), "healthy", None),
    ("advertised", [], [], vector(scope="MISSING_SCOPE", rpc=None), "healthy", None),
    ("advertised", [], [], vector(auth="AUTH_SOMETHING_NEW"), "unknown", "AUTH_SOMETHING_NEW"),
    ("lan", [], [], vector(tcp=None, exposure="port_open"), "exposed", "port_open"),
    ("lan", [], [], vector(tcp=None), "healthy", None),
    ("lan", [], [], vector(tcp=None, exposure=None), "unknown", "not_reached"),
    ("bastion", [], [], vector(tcp="ssh_channel"), "down", "ssh_channel"),
    ("bastion", [], [], vector(tcp="ssh_host_key"), "unreachable", "ssh_host_key"),
    ("tailnet", [], ["connection_refused"], vector(tcp="connection_refused"), "healthy", None),
    ("tailnet", [], ["connection_refused"], vector(), "exposed", "not_refused"),
    # Stopped by something else than what was to stop it: nobody knows what would be behind.
    ("tailnet", [], ["connection_refused"], vector(tcp="timeout"), "unreachable", "timeout"),
    ("self", [], [], vector(auth="self_nothing"), "locked_out", "self_nothing"),
    ("advertised", [], [], vector(auth="token_withheld", scope=None), "unknown", "token_withheld"),
    ("advertised", ["tcp", "live", "ready"], [], vector(auth="token_withheld", scope=None), "healthy", None),
])
def test_told(kind, expect, refusal, seen, state, code):
    one = paths.told(kind, expect, refusal, seen, 18789)
    assert (one["state"], one["code"]) == (state, code)
    assert (one["layer"] is None) == (one["next"] is None) == (one["step"] is None) == (state == "healthy")
    assert "PORT" not in (one["next"] or "")


def result(state="healthy", **more):
    return dict(dict.fromkeys(paths.WHOLE), state=state, **more)


def test_a_host_is_as_its_worst_path():
    bad = paths.told("lan", [], [], vector(exposure="port_open"), 1)
    worse = paths.told("self", [], [], vector(tcp="connection_refused"), 1)
    good = paths.told("loopback", [], [], vector(), 1)
    joined = paths.joined(result(), {"good": good, "bad": bad})
    assert (joined["state"], joined["path"], joined["code"]) == ("exposed", "bad", "port_open")
    assert joined["reason"] == "path bad: told." and list(joined["paths"]) == ["good", "bad"]
    # What the controller adds later counts the same.
    joined = paths.joined(joined, {"worse": worse})
    assert (joined["state"], joined["path"], len(joined["paths"])) == ("down", "worse", 3)
    assert paths.joined(joined, {"again": good})["path"] == "worse"
    assert paths.joined(result(), {"good": good})["path"] is None
    assert paths.failure({"good": good}) is None
    failure = paths.failure({"good": good, "bad": bad, "worse": worse})
    assert (failure.code, failure.details["path"], failure.details["unmet"]) == (
        "connection_refused", "worse", ["bad", "worse"])


def test_the_gateway_itself_comes_first_when_it_is_as_bad():
    down = paths.told("self", [], [], vector(tcp="connection_refused"), 1)
    joined = paths.joined(result("down", code="connection_refused", reason="own."), {"self": down})
    assert (joined["path"], joined["reason"]) == (None, "own.")


@pytest.mark.parametrize("url, wanted", [
    ("https://gateway.example.com", ("gateway.example.com", 443, True, "gateway.example.com",
                                     "https://gateway.example.com")),
    ("http://gateway:18789/", ("gateway", 18789, False, "gateway:18789", "http://gateway:18789")),
    ("wss://[2001:db8::1]:8443/ws", ("2001:db8::1", 8443, True, "[2001:db8::1]:8443", "https://[2001:db8::1]:8443")),
    ("ws://h", ("h", 80, False, "h", "http://h")),
])
def test_url(url, wanted):
    assert tuple(ways.address(url)) == wanted


@pytest.mark.parametrize("url", ["", "gateway", "ftp://h", "https://", "https://h/path", "https://h?x", "https://u:p@h",
                                 "http://h:99999", "http://[::1"])
def test_url_that_is_none(url):
    with pytest.raises(Failure) as caught:
        ways.address(url)
    assert "p@h" not in caught.value.sentence()


@pytest.mark.parametrize("url, code", [
    ("https://gateway.example.com", None), ("wss://192.0.2.7:8443", None),
    ("http://127.0.0.1:18789", None), ("ws://[::1]:18789", None), ("http://LocalHost", None),
    ("http://gateway.example.com", "token_withheld"), ("ws://192.0.2.7:18789", "token_withheld"),
    ("http://[2001:db8::1]", "token_withheld"), ("http://localhost.example.com", "token_withheld"),
])
def test_a_secret_is_presented_only_where_nobody_else_can_read_it(url, code):
    for kind in ("token", "password"):
        said = ways.presented(ways.address(url), Credential({kind: "t" * 32}))
        assert (said.code, said.auth) == ((code, {}) if code else (None, {kind: "t" * 32}))
    nothing = Credential({}, "token_missing", "none.")
    assert ways.presented(ways.address(url), nothing) == nothing


def test_sides():
    here, there = declared_paths.split([{"kind": "self"}, {"kind": "bastion"}, {"kind": "nobody knows"}, {}])
    assert [one.get("kind") for one in here] == ["self", "nobody knows", None] and there == [{"kind": "bastion"}]


@pytest.mark.parametrize("available, level", [(900, "normal"), (80, "normal"), (79, "warn"), (29, "critical")])
def test_memory(available, level):
    assert memory.of_meminfo("MemTotal: 1000 kB\nMemFree: 1 kB\nMemAvailable: %d kB\n" % available) == level


@pytest.mark.parametrize("text", ["", "MemTotal: 5 kB", "MemTotal: x\nMemAvailable: 5", "MemTotal:\nMemAvailable: 5"])
def test_memory_that_nobody_tells(text):
    assert memory.of_meminfo(text) is None
