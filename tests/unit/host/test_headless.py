# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a Mac comes back by itself: what pmset, fdesetup and the preferences say, and what nobody says."""
import plistlib

import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils._host import headless

#: pmset -g custom of a mini, and of a machine with a battery.
MINI = """AC Power:
 Sleep On Power Button 1
 autorestart          1
 powernap             0
 standby              0
 networkoversleep     0
 disksleep            0
 sleep                0 (sleep prevented by coreaudiod)
 ttyskeepawake        1
 displaysleep         10
 tcpkeepalive         1
 powermode            0
 womp                 1
"""
LAPTOP = "Battery Power:\n lowpowermode 1\n sleep 1\nAC Power:\n lowpowermode         0\n sleep 5\n"
#: What System Settings leaves on disk.
PREFERENCES = {
    "AC Power": {"System Sleep Timer": 0, "Disk Sleep Timer": 10, "Wake On LAN": True, "LowPowerMode": 0,
                 "Automatic Restart On Power Loss": True, "Standby Enabled": 1},
}  # fmt: skip


@pytest.fixture
def mac(monkeypatch, tmp_path):
    """A Mac's files below a directory; put(name, dictionary) writes one."""
    (tmp_path / "Preferences").mkdir()
    for name in ("pmset", "fdesetup"):
        (tmp_path / name).touch(0o755)
    for name, path in (("POWER", "Preferences/com.apple.PowerManagement*.plist"), ("KCPASSWORD", "kcpassword"),
                       ("LOGIN_WINDOW", "Preferences/com.apple.loginwindow.plist"), ("CONSOLE", "console"),
                       ("PMSET", "pmset"), ("FDESETUP", "fdesetup")):  # fmt: skip
        monkeypatch.setattr(headless, name, str(tmp_path / path))

    def put(name, data):
        (tmp_path / "Preferences" / name).write_bytes(plistlib.dumps(data, fmt=plistlib.FMT_BINARY))

    put.root = tmp_path
    return put


def hearing(answers):
    """Programs that answer by their name."""
    return lambda argv, timeout: answers[argv[0].rpartition("/")[2]]


HEARD = hearing({"pmset": (0, MINI, ""), "fdesetup": (0, "FileVault is Off.\n", "")})


def test_pmset():
    assert headless.of_pmset(MINI) == {
        "sleep": 0, "disksleep": 0, "standby": 0, "autorestart": 1, "womp": 1, "lowpowermode": 0}  # fmt: skip
    assert headless.of_pmset(LAPTOP) == {"lowpowermode": 0, "sleep": 5}
    assert headless.of_pmset("AC Power:\n powermode 2\n")["lowpowermode"] == 0
    assert headless.of_pmset("AC Power:\n powermode 1\n")["lowpowermode"] == 1
    assert headless.of_pmset("") == headless.of_pmset("garbage\n") == {}


@pytest.mark.parametrize("data", [PREFERENCES, {"Custom Profile": PREFERENCES}])
def test_preferences(data):
    assert headless.of_preferences(data) == {
        "sleep": 0, "disksleep": 10, "standby": 1, "autorestart": 1, "womp": 1, "lowpowermode": 0}  # fmt: skip


@pytest.mark.parametrize(
    "data", [{}, {"AC Power": 1}, {"Custom Profile": []}, {"AC Power": {"System Sleep Timer": "x"}}]
)
def test_preferences_that_say_nothing(data):
    assert headless.of_preferences(data) == {}


def test_a_mac_out_of_the_box_is_asked(mac):
    assert [argv[1:] for argv in headless.questions()] == [["status"], ["-g", "custom"]]
    found = headless.describe(HEARD)
    assert (found["sleep"], found["autorestart"], found["source"]) == (0, 1, "pmset")
    assert (found["filevault"], found["auto_login_user"], found["auto_login"]) == (False, None, False)


def test_preferences_that_say_enough_spare_the_question(mac):
    mac("com.apple.PowerManagement.plist", {"SystemPowerSettings": {"SleepDisabled": False}})
    mac("com.apple.PowerManagement.0A1B2C3D.plist", PREFERENCES)
    assert [argv[1:] for argv in headless.questions()] == [["status"]]
    found = headless.describe(hearing({"fdesetup": (0, "FileVault is On.\n", "")}))
    assert (found["sleep"], found["disksleep"], found["source"], found["filevault"]) == (0, 10, "preferences", True)


@pytest.mark.parametrize("answer", [(None, "", ""), (1, "", "no"), (0, "Deferred enablement appears to be active", "")])
def test_no_answer_is_not_off(mac, answer):
    found = headless.describe(hearing({"pmset": (None, "", ""), "fdesetup": answer}))
    assert found["filevault"] is None and found["source"] is None and found["sleep"] is None


def test_automatic_login_takes_a_user_and_his_password(mac):
    mac("com.apple.loginwindow.plist", {"autoLoginUser": "openclaw"})
    assert [headless.describe(HEARD)[name] for name in ("auto_login_user", "auto_login")] == ["openclaw", False]
    (mac.root / "kcpassword").write_bytes(b"x")
    assert headless.describe(HEARD)["auto_login"] is True
    (mac.root / "Preferences/com.apple.loginwindow.plist").write_bytes(b"broken")
    assert headless.describe(HEARD)["auto_login"] is None


def test_what_is_no_mac_tells_nothing(monkeypatch, tmp_path):
    for name in ("POWER", "LOGIN_WINDOW", "KCPASSWORD", "CONSOLE", "PMSET", "FDESETUP"):
        monkeypatch.setattr(headless, name, str(tmp_path / "none" / name))
    assert headless.questions() == []
    assert set(headless.describe(HEARD).values()) == {None}
