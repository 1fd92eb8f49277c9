# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""openclaw_doctor with the real OpenClaw of three releases: a live Gateway first, then without it host after host.

No test changes a byte of the host, and no secret comes out (the kit looks for them in everything that is said).
"""
import contextlib
import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils._gateway import observe, probe
from ansible_collections.clawops.openclaw.plugins.module_utils._gateway.target import Credential
from doctor_kit import SERVICE, TOKEN, checks

#: Files that a live Gateway itself writes to at any time.
_LIVE = (".sqlite", ".sqlite-wal", ".sqlite-shm", ".log")
WRONG = "another-token-0123456789abcdef"

#: A command takes seconds of a processor, and there are thirty for each release.
pytestmark = pytest.mark.sampled("patient", 1)


def test_a_live_gateway_in_order(patient):
    patient.start()
    patient.wait_ready()
    before, paired = patient.settled_bytes(_LIVE), patient.paired()
    result = patient.doctor()
    after = {path: seen for path, seen in patient.bytes_of_the_host().items() if not path.endswith(_LIVE)}
    assert {path for path in set(before) | set(after) if before.get(path) != after.get(path)} <= {
        str(patient.state / "state")
    }
    # It did not even say hello: a device of its own would have been paired without a question.
    assert patient.paired() == paired and "pairing" not in patient.log.read_text()
    assert {name: told["code"] for name, told in result["judges"].items()} == dict.fromkeys(result["judges"])
    assert len(result["judges"]) == 6 and result["private_copy"]["left_out"] == []
    assert (result["state"], result["summary"]["error"], result["version"]) == ("warnings", 0, patient.version)
    assert checks(result, "secrets_audit") == {"PLAINTEXT_FOUND": "warning"}
    assert checks(result, "config_validate") == {} and result["judges"]["config_validate"]["verdict"] == "ok"
    assert not {"config-invalid"} & set(checks(result, "gateway_status"))
    assert result["service"] == str(patient.daemons / "gateway.plist")
    assert "openclaw-doctor-" not in json.dumps(result)


def test_check_mode_is_no_other(patient):
    result = patient.doctor(check=True, judges=["config_validate"])
    assert result["state"] == "clean" and list(result["judges"]) == ["config_validate"]


def test_what_the_logs_of_a_life_say(patient):
    if patient.process is None:
        patient.start()
        patient.wait_ready()
    request = probe.Request(path=observe.tcp_path("127.0.0.1", patient.port), port=patient.port,
                            credential=Credential({"token": WRONG}), config_path=None, wait_for=None, expect=(),
                            timeout=60, request_timeout=30.0)
    for _turn in range(2):
        assert probe.probe(request)[0]["state"] == "locked_out"
    patient.stop()
    settings = patient.settings()
    del settings["gateway"]["mode"]
    patient.write(settings)
    patient.start()
    assert patient.process.wait(120) == 78
    patient.write(patient.settings())
    patient.start()
    patient.wait_ready()
    os.killpg(patient.process.pid, signal.SIGKILL)
    patient.process.wait(30)
    patient.start()
    patient.wait_ready()
    patient.stop()
    logs = {one["log"]: one for one in patient.doctor(judges=["config_validate"])["logs"]}
    said = logs["service"]["counters"]
    assert said["starts"] == {"process": 4, "ready": 3}
    # A Gateway that is stopped while it warms up may be killed for it.
    ended = said["exits"].pop("clean", 0) + said["exits"].pop("told_to_stop", 0)
    assert (ended, said["exits"]) == (2, {"mode_missing": 1, "unexplained": 1})
    assert said["gateway_auth_failures"] == {"token_mismatch": 2} and said["storms"] == {}
    assert sum(said["closes"].values()) == 2
    assert logs["service"]["complete"] and logs["service"]["unreadable"] == 0
    own = logs["own"]["counters"]
    assert own["gateway_auth_failures"] == {"token_mismatch": 2}
    assert {name.split("/")[1] for name in own["closes"]} == {"unauthorized"} and sum(own["closes"].values()) == 2


def lint_errors(result):
    return [check for check, severity in checks(result, "doctor").items() if severity == "error"]


def test_no_configuration(patient):
    patient.config.unlink()
    before = patient.bytes_of_the_host()
    result = patient.doctor(judges=["config_validate", "doctor", "secrets_audit", "models_status"])
    assert patient.bytes_of_the_host() == before
    assert result["state"] == "errors" and checks(result, "config_validate") == {"missing": "error"}
    assert "gateway-config" in checks(result, "doctor")
    told = result["judges"]
    # It calls a host clean that it has seen nothing of.
    assert (told["secrets_audit"]["exit_code"], told["secrets_audit"]["code"]) == (0, "judged_defaults")
    assert (told["models_status"]["exit_code"], told["models_status"]["code"]) == (0, "judged_defaults")


def test_an_unparseable_configuration(patient):
    patient.write('{ gateway: { auth: { token: "%s' % TOKEN)
    before = patient.bytes_of_the_host()
    result = patient.doctor()
    assert patient.bytes_of_the_host() == before
    assert result["state"] == "errors" and checks(result, "config_validate") == {"invalid": "error"}
    assert lint_errors(result) == ["final-config-validation"]
    assert checks(result, "gateway_status")["config-invalid"] == "error"
    assert result["judges"]["gateway_status"]["exit_code"] == 0
    assert [result["judges"][name]["verdict"] for name in ("security_audit", "models_status")] == ["unknown"] * 2


def test_a_legacy_key(patient):
    patient.write(patient.settings(token=TOKEN))
    before = patient.bytes_of_the_host()
    result = patient.doctor(judges=["config_validate", "doctor", "gateway_status"])
    assert patient.bytes_of_the_host() == before
    assert result["state"] == "errors" and checks(result, "config_validate") == {"invalid": "error"}
    assert lint_errors(result) == ["final-config-validation"]
    assert [one["path"] for one in result["findings"] if one["judge"] == "config_validate"] == ["gateway"]


def test_no_mode_which_is_valid_and_does_not_start(patient):
    settings = patient.settings()
    del settings["gateway"]["mode"]
    patient.write(settings)
    result = patient.doctor(judges=["config_validate", "doctor"])
    assert checks(result, "config_validate") == {} and "gateway-config" in checks(result, "doctor")


def test_a_reference_that_leads_nowhere(patient):
    auth = {"mode": "token", "token": {"source": "env", "provider": "default", "id": "NOT_THERE"}}
    patient.write(patient.settings(auth=auth))
    result = patient.doctor(judges=["secrets_audit"])
    assert (result["state"], checks(result, "secrets_audit")["REF_UNRESOLVED"]) == ("errors", "error")


def test_a_reference_that_the_service_alone_can_follow(patient):
    auth = {"mode": "token", "token": {"source": "env", "provider": "default", "id": "ANTHROPIC_API_KEY"}}
    patient.write(patient.settings(auth=auth))
    result = patient.doctor(judges=["secrets_audit"])
    assert "REF_UNRESOLVED" not in checks(result, "secrets_audit") and SERVICE not in json.dumps(result)


def test_permissions_as_they_are(patient):
    patient.write(patient.settings())
    patient.config.chmod(0o644)
    patient.state.chmod(0o755)
    before = patient.bytes_of_the_host()
    result = patient.doctor(judges=["security_audit"])
    assert patient.bytes_of_the_host() == before
    found = {one["check"]: one for one in result["findings"]}
    assert found["fs.config.perms_world_readable"]["severity"] == "error"
    assert found["fs.config.perms_world_readable"]["layer"] == "host"
    assert str(patient.config) in found["fs.config.perms_world_readable"]["next"]
    assert found["fs.state_dir.perms_readable"]["severity"] == "warning"
    assert result["judges"]["security_audit"]["exit_code"] == 0
    patient.config.chmod(0o600)
    patient.state.chmod(0o700)


def at_work_on_a_copy(patient):
    """Commands of processes whose environment names the patient's state directory and a private copy of it."""
    found = []
    for path in Path("/proc").glob("[0-9]*/environ"):
        with contextlib.suppress(OSError):
            environment = path.read_bytes()
            if b"/openclaw-doctor-" in environment and str(patient.state).encode() in environment:
                found.append(path.with_name("cmdline").read_bytes())
    return found


@pytest.mark.parametrize("timeout", [0.2, 0.6])
def test_a_command_that_does_not_end(patient, timeout):
    """OpenClaw 2026.7 starts itself again in another session: what goes on there would write into a removed copy."""
    began = time.monotonic()
    result = patient.doctor(timeout=timeout)
    assert at_work_on_a_copy(patient) == []
    assert {told["code"] for told in result["judges"].values()} == {"timeout"}
    assert (result["state"], result["findings"]) == ("unknown", []) and time.monotonic() - began < 60
    running = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    assert "%s doctor" % patient.openclaw not in running


@pytest.mark.parametrize("where", ["too old", "absent"])
def test_another_node(patient, tmp_path, where):
    """The Node of the service decides, be there a better one elsewhere."""
    node = tmp_path / "node"
    if where == "too old":
        found = subprocess.run(["/usr/bin/env", "-i", "/usr/bin/node", "--version"], capture_output=True, text=True,
                               check=False) if os.path.exists("/usr/bin/node") else None  # fmt: skip
        if found is None or int(found.stdout[1:3]) >= 22:
            pytest.skip("this machine has no Node older than 22")
        node.symlink_to("/usr/bin/node")
    else:
        node.write_text("#!/nowhere/to/be/found\n")
        node.chmod(0o755)
    patient.define([str(node), "gateway"])
    result = patient.doctor()
    patient.define()
    assert {told["code"] for told in result["judges"].values()} == {"no_verdict"}
    assert (result["state"], result["version"]) == ("unknown", None)
    assert all(told["reason"] for told in result["judges"].values())


def test_no_openclaw(patient, tmp_path):
    result = patient.doctor(openclaw=str(tmp_path / "none"))
    assert {told["code"] for told in result["judges"].values()} == {"openclaw_missing"}
    assert result["state"] == "unknown"
