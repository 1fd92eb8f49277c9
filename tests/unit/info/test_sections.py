# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each section of the observation, and that one cannot blind another."""
import os
import pwd

import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure
from ansible_collections.clawops.openclaw.plugins.module_utils._host import (
    footprint,
    gateway_config,
    storage,
    tokens,
)
from ansible_collections.clawops.openclaw.plugins.module_utils._info import observe
from ansible_collections.clawops.openclaw.plugins.module_utils._info.wanted import Wanted
from ansible_collections.clawops.openclaw.plugins.module_utils._secrets import survey

TOKEN = "s3cret" * 8
ME = pwd.getpwuid(os.getuid())


def wanted(tmp_path, **changes):
    defaults = {
        "user": ME.pw_name,
        "state_dir": str(tmp_path / "state"),
        "label": "ai.openclaw.gateway",
        "port": 1,
        "root": str(tmp_path / "root"),
        "launchctl": "/nowhere/launchctl",
        "launch_daemons_dir": str(tmp_path),
        "launch_agents_dir": str(tmp_path),
    }
    return Wanted(**dict(defaults, **changes))


def boom(look):
    raise RuntimeError("the token is %s" % TOKEN)


def refuse(look):
    raise Failure("denied", "may not look.", "host", "become.")


def unreadable(look):
    raise PermissionError(13, "Permission denied", "/x")


def test_a_failing_section_says_so_and_blinds_no_other(tmp_path):
    sections = {"a": boom, "b": refuse, "c": unreadable, "d": lambda look: {"seen": sorted(look.found)}}
    found = observe.observe(wanted(tmp_path), sections)
    assert found["schema_version"] == observe.SCHEMA_VERSION
    assert found["b"]["error"] == "may not look."
    assert "Permission denied" in found["c"]["error"]
    assert found["d"]["seen"] == ["a", "b", "c"] and found["d"]["error"] is None
    assert "RuntimeError" in found["a"]["error"] and TOKEN not in str(found)
    assert all(found[name]["ms"] >= 0 for name in sections)


def test_a_host_without_the_account_still_tells_the_rest(tmp_path):
    found = observe.observe(wanted(tmp_path, user="nobody-here", state_dir=None, launch_agents_dir=None))
    assert found["account"] == dict(found["account"], exists=False, uid=None, error=None)
    for name in ("config", "token_sources", "gui"):
        assert found[name]["error"], name
    assert found["platform"]["error"] is None and found["port"]["error"] is None and found["release"]["error"] is None


def test_the_whole_look_on_this_machine(tmp_path):
    (tmp_path / "state").mkdir(mode=0o700)
    (tmp_path / "state/openclaw.json").write_text("{gateway: {mode: 'local', port: 1, auth: {token: '%s'}}}" % TOKEN)
    found = observe.observe(wanted(tmp_path))
    assert set(found) == set(observe.SECTIONS) | {"schema_version", "survey_ms"}
    assert found["config"]["mode"] == "local" and found["config"]["parseable"] is True
    assert found["token_sources"]["count"] == 1 and found["token_sources"]["fingerprint"].startswith("sha256:")
    assert (found["port"]["port"], found["port"]["answers"], found["port"]["version"]) == (1, False, None)
    assert "launchctl" in found["service"]["error"] and found["gui"]["present"] is None
    assert TOKEN not in str(found)


@pytest.mark.parametrize("port,configured,expected", [(5, "6", 5), (None, "6", 6), (None, "'x'", 18789)])
def test_the_port_comes_from_the_option_then_the_configuration(tmp_path, port, configured, expected):
    (tmp_path / "state").mkdir()
    (tmp_path / "state/openclaw.json").write_text("{gateway: {port: %s}}" % configured)
    assert observe.observe(wanted(tmp_path, port=port))["port"]["port"] == expected


CONFIGS = [
    (b"{}", {"parseable": True, "mode": None, "port": None}),
    (b"{gateway: 5}", {"parseable": True, "mode": None}),
    (b"{gateway: {bind: 'lan', auth: {mode: 'token', token: 'x'}}, // why\n}", {"bind": "lan", "auth_mode": "token"}),
    (b'{\n  "gateway": {\n    "port": 1\n    "bind": 2\n', {"parseable": False, "line": 4}),
    (b"", {"parseable": False}),
    (b"[1]", {"parseable": False, "problem": "its top is no object"}),
    (b"{a: '\xff'}", {"parseable": False, "problem": "not UTF-8 text", "line": 1}),
]


@pytest.mark.parametrize("data,expected", CONFIGS)
def test_configurations(tmp_path, data, expected):
    path = tmp_path / "openclaw.json"
    path.write_bytes(data)
    found = gateway_config.describe(str(path))
    assert found["exists"] and {key: found[key] for key in expected} == expected


def test_no_configuration_is_no_error(tmp_path):
    assert gateway_config.describe(str(tmp_path / "openclaw.json"))["exists"] is False
    (tmp_path / "file").write_text("")
    assert gateway_config.describe(str(tmp_path / "file/openclaw.json"))["exists"] is False


def test_a_broken_configuration_is_not_quoted(tmp_path):
    path = tmp_path / "openclaw.json"
    path.write_text("{gateway: {auth: {token: '%s' '%s'}}}" % (TOKEN, TOKEN))
    found = gateway_config.describe(str(path))
    assert found["parseable"] is False and TOKEN not in str(found)


def test_storage_of_a_directory_that_does_not_exist_is_that_of_the_nearest(tmp_path):
    found = storage.describe(str(tmp_path / "a/b/c"), ME_ACCOUNT)
    assert (found["exists"], found["nearest"], found["writable"]) == (False, str(tmp_path), None)
    assert found["free_bytes"] > 0 and found["read_only"] is False


ME_ACCOUNT = observe.Account(ME.pw_name, ME.pw_uid, ME.pw_gid, ME.pw_dir)


@pytest.mark.skipif(os.geteuid() != 0, reason="asks with the rights of another account, which takes root")
def test_storage_asks_with_the_rights_of_the_account(tmp_path):
    other = pwd.getpwnam("nobody")
    account = observe.Account(other.pw_name, other.pw_uid, other.pw_gid, other.pw_dir)
    os.chmod(str(tmp_path), 0o755)
    mine = tmp_path / "state"
    mine.mkdir(mode=0o755)
    for directory in mine.parents:
        if os.stat(str(directory)).st_uid == 0 and directory != mine.parents[len(mine.parents) - 1]:
            os.chmod(str(directory), os.stat(str(directory)).st_mode | 0o055)
    assert storage.describe(str(mine), account)["writable"] is False
    os.chown(str(mine), other.pw_uid, other.pw_gid)
    assert storage.describe(str(mine), account)["writable"] is True
    assert os.geteuid() == 0


def test_releases(tmp_path):
    assert footprint.releases(str(tmp_path))["version"] is None
    for name in ("releases/2026.9.6", "releases/2026.7.1", "node/24.21.0", "releases/.work-x"):
        (tmp_path / name).mkdir(parents=True)
    os.symlink("releases/2026.9.6", str(tmp_path / "current"))
    found = footprint.releases(str(tmp_path))
    assert (found["version"], found["versions"]) == ("2026.9.6", ["2026.7.1", "2026.9.6"])
    assert found["node_versions"] == ["24.21.0"] and found["since"] > 0 and found["node_version"] is None
    os.symlink("../../node/24.21.0", str(tmp_path / "releases/2026.9.6/node"))
    assert footprint.releases(str(tmp_path))["node_version"] == "24.21.0"


def test_places_lists_what_exists(tmp_path):
    (tmp_path / "state").mkdir(mode=0o700)
    (tmp_path / ".cache/openclaw").mkdir(parents=True)
    (tmp_path / ".cache/other").mkdir()
    plist = tmp_path / "x.plist"
    plist.write_text("")
    directories = (str(tmp_path / "root"), str(tmp_path / "state"), "/nowhere", str(tmp_path))
    found = footprint.places(*directories, [str(plist)], [])
    here = len(str(tmp_path))
    ours = [(item["path"][here:], item["what"]) for item in found if item["path"].startswith(str(tmp_path))]
    assert ours == [("/state", "state"), ("/.cache/openclaw", "cache"), ("/x.plist", "service definition")]


def test_tokens_names_every_source_and_no_value(tmp_path):
    (tmp_path / "openclaw.json").write_text("{gateway: {auth: {token: '%s'}}}" % TOKEN)
    (tmp_path / ".env").write_text("OPENCLAW_GATEWAY_TOKEN=%s\n" % ("other" * 6))
    none = str(tmp_path / "none")
    found = tokens.describe(survey.Places(ME_ACCOUNT, str(tmp_path), "x", none, none, none))
    ours = [source for source in found["sources"] if source["location"].startswith(str(tmp_path))]
    assert [source["kind"] for source in ours] == ["config", "dotenv"]
    assert found["count"] >= 2 and found["fingerprint"] == ours[0]["fingerprint"]
    assert TOKEN not in str(found) and "otherother" not in str(found)
