# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""openclaw_probe against the real Gateway, through one life of it: the tests build on each other, in their order."""
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils._gateway import observe, probe, verdict
from ansible_collections.clawops.openclaw.plugins.module_utils._gateway.target import Credential
from real_gateway import TOKEN, run_module

#: Seconds for a Gateway to start. It takes 6 on a quiet machine, and minutes on one where many start at once.
PATIENCE = 300.0
OTHER = "another-token-0123456789abcdef"
#: What any module does before it does anything. A Mac has none of that other package, and Ansible does without.
START = "import sys; sys.modules['typing_extensions'] = None; import ansible.module_utils.basic"


def ask(gateway, secret=TOKEN, **changes):
    """Probe without Ansible around it; return (result, failure)."""
    request = probe.Request(path=observe.tcp_path("127.0.0.1", gateway.port), port=gateway.port,
                            credential=Credential({"token": secret}), config_path=str(gateway.config), wait_for=None,
                            expect=(), timeout=PATIENCE, request_timeout=10.0)
    return probe.probe(request._replace(**changes))


def verdicts(result):
    return {name: one["verdict"] for name, one in result["verdicts"].items()}


def until(gateway, state, secret=TOKEN, seconds=PATIENCE):
    """Look again and again until a state; return the states met, each once, in their order."""
    met, end = [], time.monotonic() + seconds
    while time.monotonic() < end:
        now = ask(gateway, secret)[0]["state"]
        if now not in met:
            met.append(now)
        if now == state:
            return met
        time.sleep(0.1)
    raise AssertionError("never %s, but %s" % (state, met))


def fastest(*turns):
    took = []
    for turn in turns:
        began = time.monotonic()
        turn()
        took.append(time.monotonic() - began)
    return min(took)


@pytest.fixture(scope="module")
def runner(tmp_path_factory):
    """Runs the module as a target does: its Python, and what Ansible would send along."""
    sys.path.append(str(Path(__file__).resolve().parents[1] / "config"))
    from module_runner import ROOT, Runner

    return Runner(tmp_path_factory.mktemp("runner"), ROOT / "plugins/modules/openclaw_probe.py")


def beside_a_start(runner, *alternatives):
    """Seconds that the start of any module takes, and each of some functions: in turns, so that what else the machine
    does weighs on all of them, and of each the shortest, which is the least disturbed."""
    turns = [lambda: subprocess.run([runner.python, "-c", START], env=runner.environment, check=True), *alternatives]
    rounds = [[fastest(turn) for turn in turns] for _round in range(7)]
    return [min(took) for took in zip(*rounds)]


def test_from_the_first_moment_on(gateway):
    gateway.start()
    met = until(gateway, "healthy")
    assert met[0] == "down" and met[-1] == "healthy"
    assert set(met) <= {"down", "unresponsive", "starting", "unknown", "healthy"}


def test_a_healthy_gateway_through_the_module(gateway, collections):
    result, text = run_module(collections, verbose=True, state_dir=str(gateway.state_dir), expect=list(verdict.NAMES))
    assert result["state"] == "healthy" and result["changed"] is False and result["port"] == gateway.port
    assert set(verdicts(result).values()) == {"ok"}
    assert result["server"]["version"].startswith("20") and result["server"]["boot_id"] == result["boot_ids"][0]
    assert TOKEN not in text


#: What a person would ask instead.
LADDER = (["status", "--json"], ["gateway", "status", "--json"], ["doctor", "--json"], ["channels", "status", "--json"])


def test_a_look_costs_less_than_the_start_of_a_module(gateway, runner):
    """The whole vector. The module with its interpreter is the start of one, that look, and little else."""
    looks, results = [], []
    start, look, module = beside_a_start(
        runner, lambda: looks.append(ask(gateway)[0]),
        lambda: results.append(runner.process({"state_dir": str(gateway.state_dir)})))
    assert {one["state"] for one in looks + results} == {"healthy"}
    assert all(set(verdicts(one).values()) == {"ok"} for one in looks + results)
    print("start %.0f ms, look %.1f ms, module %.0f ms" % (start * 1000, look * 1000, module * 1000))
    assert 3 * look < start
    assert module < 2 * start


def test_the_module_costs_a_fiftieth_of_the_commands(gateway, runner):
    """With its interpreter, as on a target, and the whole vector. A closed port is told sooner still."""
    env = {"HOME": str(gateway.home), "PATH": "%s:/usr/bin:/bin" % gateway.node.parent, "DO_NOT_TRACK": "1",
           "OPENCLAW_GATEWAY_PORT": str(gateway.port)}
    ladder = sum(fastest(lambda words=words: subprocess.run(
        [str(gateway.node), str(gateway.entry), *words], env=env, stdin=subprocess.DEVNULL, capture_output=True,
        check=False)) for words in LADDER)
    met = []
    probed = fastest(*[lambda: met.append(runner.process({"state_dir": str(gateway.state_dir)}))] * 7)
    assert {result["state"] for result in met} == {"healthy"}
    with socket.create_server(("127.0.0.1", 0)) as server:
        closed = server.getsockname()[1]
    refused = fastest(*[lambda: runner.process({"state_dir": str(gateway.state_dir), "port": closed})] * 5)
    print("ladder %.1f s, module %.0f ms, closed port %.0f ms" % (ladder, probed * 1000, refused * 1000))
    assert probed < ladder / 50 and refused < ladder / 50


def test_a_wrong_token_ends_the_wait_at_once(gateway, collections):
    result, text = run_module(collections, verbose=True, state_dir=str(gateway.state_dir), token=OTHER,
                              wait_for="authenticated")
    assert result["failed"] and result["failure"]["code"] == "AUTH_TOKEN_MISMATCH"
    assert (result["failure"]["layer"], result["attempts"], result["state"]) == ("auth", 1, "locked_out")
    assert result["waited_s"] < 8 and verdicts(result)["ready"] == "ok"
    assert OTHER not in text and TOKEN not in text
    # A success takes the Gateway's growing delay back.
    assert ask(gateway)[0]["state"] == "healthy"


def test_unhealthy_is_reported_and_no_failure(gateway, collections):
    result, _text = run_module(collections, state_dir=str(gateway.state_dir), token=OTHER)
    assert not result["failed"] and result["code"] == "AUTH_TOKEN_MISMATCH" and result["next"]
    ask(gateway)


def test_check_mode_enforces_nothing(gateway, collections):
    result, _text = run_module(collections, check=True, state_dir=str(gateway.home / "nothing"), wait_for="ready",
                               port=1, expect=["auth"])
    assert not result["failed"] and (result["state"], result["attempts"]) == ("down", 1)


@pytest.mark.parametrize("credential, state, code", [
    (Credential({}, "token_missing", "none."), "unknown", "token_missing"),
    (Credential({"password": TOKEN}), "healthy", None),          # the Gateway does not mind where the secret stands
    (Credential({}, "token_reference", "ref."), "unknown", "token_reference"),
])
def test_credentials(gateway, credential, state, code):
    result, _failure = ask(gateway, credential=credential)
    assert (result["state"], result["code"]) == (state, code)


def test_a_state_directory_of_somebody_else(gateway, tmp_path):
    result, _failure = ask(gateway, config_path=str(tmp_path / "openclaw.json"))
    assert (result["state"], result["code"]) == ("degraded", "other_config")


def test_a_token_that_has_just_been_rotated(gateway, collections):
    gateway.configure({"mode": "token", "token": OTHER})
    result, _text = run_module(collections, state_dir=str(gateway.state_dir), wait_for="authenticated",
                               expect=["config_applied"])
    assert not result["failed"] and result["state"] == "healthy"
    assert ask(gateway)[0]["code"] == "AUTH_TOKEN_MISMATCH"


@pytest.mark.parametrize("text, code", [("{ gateway: {", "config_invalid"),
                                        ('{"gateway": {"mode": "local", "token": "x"}}', "config_invalid")])
def test_a_file_that_the_next_start_would_not_survive(gateway, text, code):
    gateway.write(text)
    end = time.monotonic() + PATIENCE
    while ask(gateway, OTHER)[0]["code"] != code:
        assert time.monotonic() < end
        time.sleep(0.2)
    result = ask(gateway, OTHER)[0]
    assert verdicts(result)["auth"] == "ok" and result["state"] == "degraded"


def test_a_file_that_cannot_be_parsed_is_never_healthy(gateway, collections):
    gateway.write("{ gateway: {")
    result, _text = run_module(collections, state_dir=str(gateway.state_dir))
    assert (result["state"], result["code"], result["port"]) == ("unknown", "port_unknown", None)
    result, _text = run_module(collections, state_dir=str(gateway.state_dir), port=gateway.port)
    assert (verdicts(result)["live"], result["verdicts"]["auth"]["code"]) == ("ok", "config_unparseable")
    assert result["state"] == "unknown"


@pytest.mark.parametrize("auth, state", [
    ({"mode": "password", "password": TOKEN}, "healthy"),
    ({"mode": "none"}, "unprotected"),
    ({"mode": "token", "token": TOKEN}, "healthy"),
])
def test_modes_of_authentication_change_in_place(gateway, auth, state):
    gateway.configure(auth)
    assert until(gateway, state)[-1] == state


def test_killed_and_brought_back_during_a_wait(gateway):
    until(gateway, "healthy")
    before = ask(gateway)[0]["server"]["boot_id"]
    gateway.signal(signal.SIGKILL)
    gateway.process.wait(10)
    result, failure = ask(gateway, wait_for="stopped", timeout=5.0)
    assert failure is None and result["state"] == "down"
    threading.Timer(1.0, gateway.start).start()
    result, failure = ask(gateway, wait_for="authenticated", expect=("ready", "config_applied"))
    assert failure is None and result["state"] == "healthy" and result["attempts"] > 3
    assert result["boot_ids"] and before not in result["boot_ids"]


def test_the_end(gateway, collections, runner):
    threading.Timer(0.5, gateway.signal, [signal.SIGTERM]).start()
    result, failure = ask(gateway, wait_for="stopped", timeout=30.0)
    assert failure is None and result["state"] == "down" and result["waited_s"] >= 0.4
    assert gateway.process.wait(10) == 0
    met = []
    start, refused = beside_a_start(runner, lambda: met.append(ask(gateway)))
    print("start %.0f ms, closed port %.1f ms" % (start * 1000, refused * 1000))
    assert {(result["state"], failure) for result, failure in met} == {("down", None)}
    assert 3 * refused < start
    result, _text = run_module(collections, state_dir=str(gateway.state_dir), wait_for="ready", timeout=1)
    assert (result["failure"]["code"], result["failure"]["layer"]) == ("connection_refused", "service")
    assert "refuses" in result["failure"]["message"]
