# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a Gateway lists of its devices, what is to be done about it, and whether it was done."""
import copy
import json
import random

import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure
from ansible_collections.clawops.openclaw.plugins.module_utils._gateway import device_plan, device_work, devices
from ansible_collections.clawops.openclaw.plugins.module_utils._gateway.target import Credential
from ansible_collections.clawops.openclaw.plugins.module_utils._gateway.wire import WireError
from gateway_peers import HELLO, TOKEN, Refusal

DAY = 86400 * 1000
NOW = 1_795_262_263_000
LAPTOP, DESK, NODE, PHONE = "1091a798" + "a" * 56, "1091a799" + "b" * 56, "8fd30eef" + "c" * 56, "c2ac234f" + "d" * 56


def token(role="operator", scopes=("operator.read",), age=10, **more):
    return dict({"role": role, "scopes": list(scopes), "createdAtMs": NOW - age * DAY}, **more)


def paired(name, role="operator", scopes=("operator.read",), age=10, tokens=None, **more):
    return dict({
        "deviceId": name, "publicKey": "pk-text", "clientId": "cli", "platform": "linux", "role": role, "roles": [role],
        "scopes": list(scopes), "approvedAtMs": NOW - age * DAY, "createdAtMs": NOW - age * DAY,
        "tokens": [token(role, scopes, age)] if tokens is None else tokens}, **more)


def pending(name, request="req-1", role="operator", scopes=("operator.read",), **more):
    return dict({"requestId": request, "deviceId": name, "publicKey": "pk-text", "role": role, "roles": [role],
                 "scopes": list(scopes), "ts": NOW - 1000, "remoteIp": "203.0.113.7"}, **more)


def listing(*entries):
    return devices.listing_of({"paired": [entry for entry in entries if "requestId" not in entry],
                               "pending": [entry for entry in entries if "requestId" in entry]})


def wish(state, **options):
    return device_plan.wish_of(dict(options, state=state))


def planned(state, *entries, **options):
    return [(action.action, action.request or action.role or action.device)
            for action in device_plan.plan(wish(state, **options), listing(*entries), NOW)]


# ------------------------------------------------------------------------------------------------------------- scopes
@pytest.mark.parametrize("wanted, granted, lacking", [
    ([], [], []),
    (["operator.read"], [], ["operator.read"]),
    (["operator.read"], ["operator.write"], []),
    (["operator.write"], ["operator.read"], ["operator.write"]),
    (["operator.talk", "operator.sessions.read"], ["operator.write"], []),
    (["operator.talk.secrets"], ["operator.write"], ["operator.talk.secrets"]),
    (["operator.pairing", "operator.new"], ["operator.admin"], []),
    (["node.run"], ["operator.admin"], ["node.run"]),
    (["operator.admin"], ["operator.write", "operator.pairing"], ["operator.admin"]),
    (["operator"], ["operator.admin"], ["operator"]),
])
def test_scopes(wanted, granted, lacking):
    assert devices.missing(wanted, granted) == lacking


# -------------------------------------------------------------------------------------------------------------- options
@pytest.mark.parametrize("options, code, word", [
    ({"state": "approved", "device": LAPTOP}, "option_missing", "roles"),
    ({"state": "approved", "roles": ["operator"]}, "option_missing", "device"),
    ({"state": "rejected"}, "option_missing", "request"),
    ({"state": "revoked"}, "option_missing", "max_age"),
    ({"state": "absent", "roles": ["node"], "device": LAPTOP}, "option_invalid", "roles"),
    ({"state": "absent", "device": "1091a79"}, "option_invalid", "device"),
    ({"state": "absent", "device": "         "}, "option_invalid", "device"),
    ({"state": "listed", "device": LAPTOP}, "option_invalid", "device"),
    ({"state": "rotated", "device": LAPTOP}, "option_missing", "max_age"),
    ({"state": "rotated", "device": LAPTOP, "when": "always", "max_age": "1d"}, "option_invalid", "max_age"),
    ({"state": "rotated", "when": "always"}, "option_missing", "device"),
    ({"state": "revoked", "device": LAPTOP, "when": "always"}, "option_invalid", "when"),
    ({"state": "absent", "max_age": "90"}, "option_invalid", "90"),
    ({"state": "absent", "max_age": "0d"}, "option_invalid", "0d"),
    ({"state": "absent", "max_age": "-1d"}, "option_invalid", "-1d"),
    ({"state": "absent", "max_age": ""}, "option_invalid", "max_age"),
    ({"state": "absent", "max_age": "1d 1h"}, "option_invalid", "1d 1h"),
])
def test_options_that_make_no_sense(options, code, word):
    with pytest.raises(Failure) as refused:
        device_plan.wish_of(options)
    assert refused.value.code == code
    assert word in refused.value.message


@pytest.mark.parametrize("text, seconds", [("1s", 1), ("2m", 120), ("3h", 10800), ("90d", 7776000), (" 1 w ", 604800)])
def test_ages(text, seconds):
    assert device_plan.seconds_of(text) == seconds


# ----------------------------------------------------------------------------------------------------------------- plan
OLD = paired(LAPTOP, age=100)
YOUNG = paired(DESK, age=1)
SEEN = paired(NODE, "node", (), age=100, lastSeenAtMs=NOW - DAY)
BUSY = paired(PHONE, age=100, connected=True)
TIMELESS = paired(PHONE, approvedAtMs=None, tokens=[token(createdAtMs="yesterday")])
REVOKED = paired(LAPTOP, tokens=[token(revokedAtMs=NOW - DAY)])
BOTH = paired(LAPTOP, roles=["node", "operator"], tokens=[token(age=100), token("node", (), age=1)])


@pytest.mark.parametrize("state, entries, options, expected", [
    ("listed", [OLD, pending(DESK)], {}, []),
    ("absent", [OLD, YOUNG], {"device": LAPTOP}, [("remove", LAPTOP)]),
    ("absent", [OLD, YOUNG], {"device": LAPTOP[:8]}, [("remove", LAPTOP)]),
    ("absent", [YOUNG], {"device": LAPTOP}, []),
    ("absent", [OLD, pending(LAPTOP)], {"device": LAPTOP}, [("reject", "req-1"), ("remove", LAPTOP)]),
    ("absent", [pending(LAPTOP)], {"device": LAPTOP}, [("reject", "req-1")]),
    ("absent", [OLD, YOUNG, SEEN, BUSY, pending(DESK)], {"max_age": "90d"}, [("remove", LAPTOP)]),
    ("absent", [OLD, YOUNG], {"max_age": "90d", "device": DESK}, []),
    ("absent", [TIMELESS], {"max_age": "1s"}, []),
    ("absent", [paired(LAPTOP, age=-5)], {"max_age": "1s"}, []),
    ("absent", [paired(LAPTOP, age=100, tokens=[token(lastUsedAtMs=NOW - DAY)])], {"max_age": "90d"}, []),
    ("revoked", [OLD], {"device": LAPTOP}, [("revoke", "operator")]),
    ("revoked", [REVOKED], {"device": LAPTOP}, []),
    ("revoked", [BOTH], {"device": LAPTOP}, [("revoke", "operator"), ("revoke", "node")]),
    ("revoked", [BOTH], {"device": LAPTOP, "roles": ["node"]}, [("revoke", "node")]),
    ("revoked", [YOUNG], {"device": LAPTOP}, []),
    ("revoked", [OLD, YOUNG, SEEN, BUSY], {"max_age": "90d"}, [("revoke", "operator")]),
    ("rotated", [OLD, YOUNG], {"max_age": "90d"}, [("rotate", "operator")]),
    ("rotated", [BOTH], {"max_age": "90d"}, [("rotate", "operator")]),
    ("rotated", [BOTH], {"max_age": "90d", "roles": ["node"]}, []),
    ("rotated", [paired(LAPTOP, tokens=[token(age=100, rotatedAtMs=NOW - DAY)])], {"max_age": "90d"}, []),
    ("rotated", [REVOKED, TIMELESS], {"max_age": "1s"}, []),
    ("rotated", [BOTH], {"device": LAPTOP, "when": "always"}, [("rotate", "operator"), ("rotate", "node")]),
    ("rejected", [pending(LAPTOP), pending(DESK, "req-2")], {"device": DESK}, [("reject", "req-2")]),
    ("rejected", [pending(LAPTOP), pending(DESK, "req-2")], {"request": "req-1"}, [("reject", "req-1")]),
    ("rejected", [OLD], {"device": LAPTOP}, []),
    ("rejected", [OLD], {"request": "req-1"}, []),
    ("approved", [pending(LAPTOP)], {"device": LAPTOP, "roles": ["operator"], "scopes": ["operator.read"]},
     [("approve", "req-1")]),
    ("approved", [pending(LAPTOP)],
     {"device": LAPTOP, "roles": ["operator"], "scopes": ["operator.admin"], "request": "req-1"},
     [("approve", "req-1")]),
    ("approved", [OLD], {"device": LAPTOP, "roles": ["operator"], "scopes": ["operator.read"]}, []),
    ("approved", [OLD], {"device": LAPTOP, "roles": ["operator"], "scopes": ["operator.read"], "request": "req-0"}, []),
    ("approved", [REVOKED, pending(LAPTOP)], {"device": LAPTOP, "roles": ["operator"], "scopes": ["operator.read"]},
     [("approve", "req-1")]),
    ("approved", [pending(NODE, role="node", scopes=())], {"device": NODE, "roles": ["node"]}, [("approve", "req-1")]),
])
def test_what_is_to_be_done(state, entries, options, expected):
    assert planned(state, *entries, **options) == expected


@pytest.mark.parametrize("state, entries, options, code", [
    ("absent", [OLD, paired(LAPTOP[:-1] + "e")], {"device": LAPTOP[:8]}, "device_ambiguous"),
    ("rotated", [YOUNG], {"device": LAPTOP, "max_age": "1d"}, "device_unknown"),
    ("rotated", [REVOKED], {"device": LAPTOP, "when": "always"}, "device_token_missing"),
    ("rotated", [OLD], {"device": LAPTOP, "when": "always", "roles": ["node"]}, "device_token_missing"),
    ("rejected", [pending(LAPTOP), pending(DESK, "req-2")], {"device": DESK, "request": "req-1"}, "request_mismatch"),
    ("approved", [], {"device": LAPTOP, "roles": ["operator"]}, "device_unknown"),
    ("approved", [REVOKED], {"device": LAPTOP, "roles": ["operator"], "scopes": ["operator.read"]}, "device_revoked"),
    ("approved", [pending(LAPTOP)], {"device": LAPTOP, "roles": ["operator"]}, "request_exceeds"),
    ("approved", [pending(LAPTOP, role="node", scopes=())], {"device": LAPTOP, "roles": ["operator"]},
     "request_exceeds"),
    ("approved", [pending(LAPTOP), pending(LAPTOP, "req-2", scopes=["operator.admin"])],
     {"device": LAPTOP, "roles": ["operator"], "scopes": ["operator.read"]}, "request_exceeds"),
    ("approved", [OLD], {"device": LAPTOP, "roles": ["node"], "scopes": ["operator.read"]}, "device_exceeds"),
    ("approved", [paired(LAPTOP, tokens=[token(scopes=["operator.admin"])])],
     {"device": LAPTOP, "roles": ["operator"], "scopes": ["operator.read"]}, "device_exceeds"),
    ("approved", [pending(LAPTOP)],
     {"device": LAPTOP, "roles": ["operator"], "scopes": ["operator.read"], "request": "req-0"}, "request_superseded"),
    ("approved", [pending(DESK), OLD],
     {"device": LAPTOP, "roles": ["operator"], "scopes": ["operator.read"], "request": "req-1"}, "request_mismatch"),
])
def test_what_cannot_or_must_not_be_done(state, entries, options, code):
    with pytest.raises(Failure) as refused:
        planned(state, *entries, **options)
    assert refused.value.code == code
    assert refused.value.hint


@pytest.mark.parametrize("state, entries, options, needed", [
    ("absent", [OLD], {"device": LAPTOP}, ["operator.pairing"]),
    ("rejected", [pending(NODE, role="node")], {"device": NODE}, ["operator.pairing"]),
    ("revoked", [OLD], {"device": LAPTOP}, ["operator.pairing", "operator.read"]),
    ("revoked", [SEEN], {"device": NODE}, ["operator.admin", "operator.pairing"]),
    ("rotated", [BOTH], {"device": LAPTOP, "when": "always"}, ["operator.admin", "operator.pairing"]),
    ("approved", [paired(LAPTOP, scopes=["operator.talk"]), pending(LAPTOP)],
     {"device": LAPTOP, "roles": ["operator"], "scopes": ["operator.write"]},
     ["operator.pairing", "operator.read", "operator.talk"]),
    ("approved", [paired(LAPTOP, scopes=[], tokens=[token(scopes=["operator.questions"])]), pending(LAPTOP)],
     {"device": LAPTOP, "roles": ["operator"], "scopes": ["operator.read", "operator.questions"]},
     ["operator.pairing", "operator.questions", "operator.read"]),
    ("approved", [pending(NODE, role="node", scopes=())], {"device": NODE, "roles": ["node"]},
     ["operator.admin", "operator.pairing"]),
])
def test_asks_for_no_more_than_is_needed(state, entries, options, needed):
    assert device_plan.needs(device_plan.plan(wish(state, **options), listing(*entries), NOW)) == needed


def test_diff():
    actions = device_plan.plan(wish("absent", max_age="1d"), listing(OLD, SEEN, BOTH_ELSEWHERE), NOW)
    actions += device_plan.plan(wish("approved", device=DESK, roles=["operator"], scopes=["operator.read"]),
                                listing(pending(DESK)), NOW)
    assert device_plan.as_diff(actions, "here") == {
        "before_header": "here", "after_header": "here",
        "before": "device 1091a798aaaa: paired as operator [operator.read]\n"
                  "device c2ac234fdddd: paired as node, operator [operator.read]\n"
                  "request req-1 of device 1091a799bbbb: asks for operator [operator.read]\n",
        "after": "device 1091a799bbbb: paired as operator [operator.read]\n"}


BOTH_ELSEWHERE = dict(BOTH, deviceId=PHONE)


# -------------------------------------------------------------------------------------------------------------- outcome
@pytest.mark.parametrize("state, before, options, after, done", [
    ("absent", [OLD], {"device": LAPTOP}, [], True),
    ("absent", [OLD], {"device": LAPTOP}, [OLD], False),
    ("absent", [pending(LAPTOP)], {"device": LAPTOP}, [pending(LAPTOP, "req-2")], True),
    ("absent", [pending(LAPTOP)], {"device": LAPTOP}, [pending(LAPTOP)], False),
    ("revoked", [OLD], {"device": LAPTOP}, [paired(LAPTOP, tokens=[token(revokedAtMs=NOW)])], True),
    ("revoked", [OLD], {"device": LAPTOP}, [OLD], False),
    ("revoked", [OLD], {"device": LAPTOP}, [], True),
    ("rotated", [OLD], {"device": LAPTOP, "when": "always"}, [paired(LAPTOP, tokens=[token(rotatedAtMs=NOW)])], True),
    ("rotated", [OLD], {"device": LAPTOP, "when": "always"}, [OLD], False),
    ("rotated", [OLD], {"device": LAPTOP, "when": "always"}, [], False),
    ("approved", [pending(LAPTOP)], {}, [paired(LAPTOP)], True),
    ("approved", [pending(LAPTOP)], {}, [], False),
    ("approved", [OLD, pending(LAPTOP)], {}, [OLD], False),
    ("approved", [OLD, pending(LAPTOP)], {}, [paired(LAPTOP, age=0)], True),
])
def test_whether_it_was_done(state, before, options, after, done):
    options = options or {"device": LAPTOP, "roles": ["operator"], "scopes": ["operator.read"]}
    (action,) = device_plan.plan(wish(state, **options), listing(*before), NOW)
    assert device_plan.achieved(action, listing(*before), listing(*after)) is done


# ------------------------------------------------------------------------------------------------------ hostile answers
ODD = (None, True, 0, -1, 1e300, "", " ", "x" * 100000, "\x1b[31m", [], {}, [None], [[]], {"a": 1}, ["x" * 1000])


@pytest.mark.parametrize("answer", [
    {}, {"paired": []}, {"paired": {}, "pending": []}, {"paired": [], "pending": ["x"]},
    {"paired": [{}], "pending": []}, {"paired": [paired("")], "pending": []},
    {"paired": [paired("x" * 300)], "pending": []}, {"paired": [paired("a\nb")], "pending": []},
    {"paired": [OLD, OLD], "pending": []}, {"paired": [], "pending": [pending(LAPTOP), pending(DESK)]},
    {"paired": [paired(LAPTOP, roles=[7])], "pending": []},
    {"paired": [paired(LAPTOP, scopes=["a\x00"])], "pending": []},
    {"paired": [dict(OLD, scopes={"operator.admin": 1})], "pending": []},
    {"paired": [dict(OLD, scopes="operator.admin")], "pending": []},
    {"paired": [paired(LAPTOP, tokens={})], "pending": []}, {"paired": [paired(LAPTOP, tokens=[{}])], "pending": []},
    {"paired": [], "pending": [{"requestId": "req-1"}]},
])
def test_an_answer_that_is_none(answer):
    with pytest.raises(WireError) as refused:
        devices.listing_of(answer)
    assert refused.value.code == "garbage"


def test_any_answer_is_taken_or_refused():
    """Every member of an entry replaced by every oddity: a listing that can be shown and planned with, or garbage."""
    chance = random.Random(4)
    whole = {"paired": [paired(LAPTOP, connected=True, lastSeenAtMs=NOW, operatorLabel="x", approvedVia="owner"), BOTH],
             "pending": [pending(DESK, isRepair=True, displayName="x")]}
    taken = 0
    for _round in range(4000):
        answer = copy.deepcopy(whole)
        answer["paired"][1]["deviceId"] = NODE
        entry = chance.choice([*answer["paired"], *answer["pending"], *answer["paired"][0]["tokens"]])
        entry[chance.choice(sorted(entry))] = chance.choice(ODD)
        try:
            seen = devices.listing_of(answer)
        except WireError as error:
            assert error.code == "garbage"
            continue
        taken += 1
        rows = [devices.device_row(device, NOW) for device in seen.paired] + [
            devices.request_row(request) for request in seen.pending]
        assert json.dumps(rows).isprintable()
        assert len(json.dumps(rows)) < 10000
        for state in ("absent", "revoked", "rotated"):
            device_plan.plan(wish(state, max_age="1d"), seen, NOW)
    assert 500 < taken < 3900


@pytest.mark.parametrize("entry, expected", [
    (OLD, {"last_used_at": "2026-08-13T11:57:43Z", "idle_days": 100, "connected": None, "name": None}),
    (SEEN, {"last_used_at": "2026-11-20T11:57:43Z", "idle_days": 1, "approved_at": "2026-08-13T11:57:43Z"}),
    (BUSY, {"last_used_at": "2026-08-13T11:57:43Z", "idle_days": 0, "connected": True}),
    (TIMELESS, {"last_used_at": None, "idle_days": None, "approved_at": None}),
    (paired(LAPTOP, age=-5), {"idle_days": 0}),
    (paired(LAPTOP, displayName="its own", operatorLabel="given"), {"name": "given"}),
])
def test_what_is_shown_of_a_device(entry, expected):
    row = devices.device_row(listing(entry).paired[0], NOW)
    assert {key: row[key] for key in expected} == expected


def test_a_token_in_an_answer_is_dropped():
    entry = paired(LAPTOP, token="dt-secret", tokens=[token(token="dt-secret", value="dt-secret")])
    assert "dt-secret" not in repr(listing(entry))
    assert "dt-secret" not in json.dumps(devices.device_row(listing(entry).paired[0], NOW))


@pytest.mark.parametrize("revoked, active", [(None, True), (0, False), (1, False), ("", False), ("x", False)])
def test_anything_but_nothing_is_a_revocation(revoked, active):
    assert listing(paired(LAPTOP, tokens=[token(revokedAtMs=revoked)])).paired[0].tokens[0].active is active


@pytest.mark.parametrize("presence, online", [
    (None, set()), ([], set()), ("x", set()), ([7, {}, {"deviceId": 7}], set()),
    ([{"deviceId": LAPTOP, "reason": "connect"}, {"deviceId": DESK, "reason": "disconnect"}], {LAPTOP}),
])
def test_presence(presence, online):
    hello = {"snapshot": {"presence": presence}}
    assert devices.online_of(hello) == online
    seen = devices.listing_of({"paired": [OLD, YOUNG, BUSY], "pending": []}, devices.online_of(hello))
    assert [device.connected for device in seen.paired] == [True if LAPTOP in online else None, None, True]


# --------------------------------------------------------------------------------------------- carrying out and proving
class Store:
    """A stand-in for a Gateway's store, to make it misbehave in ways a real one cannot be made to."""

    def __init__(self, gateway, *entries):
        self.paired = {entry["deviceId"]: entry for entry in entries if "requestId" not in entry}
        self.pending = {entry["requestId"]: entry for entry in entries if "requestId" in entry}
        self.calls, self.asked, self.granted, self.answers = [], [], None, {}
        gateway.rpc = {"connect": self.connect, "device.pair.list": self.list}
        gateway.rpc.update({method: self.change(method) for method, _params in device_work._METHODS.values()})

    def connect(self, params):
        self.asked.append(params["scopes"])
        granted = params["scopes"] if self.granted is None else self.granted
        return dict(HELLO, auth=dict(HELLO["auth"], scopes=granted))

    def list(self, _params):
        return {"paired": list(self.paired.values()), "pending": list(self.pending.values())}

    def change(self, method):
        def answer(params):
            self.calls.append(method)
            return self.answers.get(method, self.take)(params)
        return answer

    def take(self, params):
        self.paired.pop(params.get("deviceId"), None)
        self.pending.pop(params.get("requestId"), None)
        return {"token": "dt-secret"}


def at(gateway, secret=TOKEN):
    return device_work.Gateway(gateway.port, Credential({"token": secret}), 5)


def refuse(_params):
    raise Refusal({"code": "INVALID_REQUEST", "message": "device token rotation denied"})


def work(gateway, state, **options):
    return device_work.commit(device_work.prepare(at(gateway), wish(state, **options), NOW))


def test_carries_out_and_lists_again(gateway):
    store = Store(gateway, OLD, YOUNG)
    done = work(gateway, "absent", device=LAPTOP)
    assert [device.id for device in done.listing.paired] == [DESK]
    assert store.calls == ["device.pair.remove"]
    assert store.asked == [["operator.pairing"]] * 3
    assert "dt-secret" not in repr(done)


def test_asks_for_nothing_when_there_is_nothing_to_do(gateway):
    store = Store(gateway, YOUNG)
    assert work(gateway, "absent", max_age="90d").actions == []
    assert store.calls == [] and len(store.asked) == 1


def test_looking_changes_nothing_but_tells_a_missing_scope(gateway):
    store = Store(gateway, SEEN)
    store.granted = ["operator.pairing"]
    with pytest.raises(Failure) as refused:
        device_work.prepare(at(gateway), wish("revoked", device=NODE), NOW)
    assert (refused.value.code, store.calls) == ("MISSING_SCOPE", [])
    assert "operator.admin" in refused.value.message


def test_a_device_that_comes_back_is_told(gateway):
    store = Store(gateway, OLD)
    store.answers["device.pair.remove"] = lambda params: {}
    with pytest.raises(Failure) as told:
        work(gateway, "absent", device=LAPTOP)
    assert told.value.code == "device_came_back"
    assert [row["action"] for row in told.value.details["done"]] == ["remove"]


def test_a_refusal_says_what_was_done_before(gateway):
    store = Store(gateway, OLD, pending(LAPTOP))
    store.answers["device.pair.remove"] = refuse
    with pytest.raises(Failure) as told:
        work(gateway, "absent", device=LAPTOP)
    assert (told.value.code, told.value.layer) == ("device_action_refused", "auth")
    assert "denied" in told.value.message
    assert [row["action"] for row in told.value.details["done"]] == ["reject"]


def test_somebody_else_was_faster(gateway):
    store = Store(gateway, OLD)

    def gone(params):
        store.take(params)
        raise Refusal({"code": "INVALID_REQUEST", "message": "unknown deviceId"})

    store.answers["device.pair.remove"] = gone
    assert work(gateway, "absent", device=LAPTOP).listing.paired == ()


@pytest.mark.parametrize("answer", [{"paired": 7, "pending": []}, {"paired": [{"deviceId": 7}], "pending": []}])
def test_a_listing_that_is_none(gateway, answer):
    Store(gateway)
    gateway.rpc["device.pair.list"] = lambda params: answer
    with pytest.raises(Failure) as told:
        work(gateway, "absent", max_age="1d")
    assert told.value.code == "garbage"
    assert str(gateway.port) in told.value.message


@pytest.mark.parametrize("changes, code, layer", [
    ({"credential": Credential({}, "token_reference", "it is a reference.")}, "token_reference", "auth"),
    ({"credential": Credential({}, "config_missing", "there is none.")}, "config_missing", "config"),
    ({"port": None, "port_reason": "gateway.port of x is no port."}, "port_unknown", "config"),
    ({"port": 1}, "connection_refused", "service"),
])
def test_whom_nobody_can_ask(gateway, changes, code, layer):
    with pytest.raises(Failure) as told:
        device_work.prepare(at(gateway)._replace(**changes), wish("listed"), NOW)
    assert (told.value.code, told.value.layer) == (code, layer)
    assert "PORT" not in told.value.hint
