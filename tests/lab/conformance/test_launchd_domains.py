# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Domains, logins, boots, the disabled database, and who may do what."""

import os
import plistlib

import pytest
from harness import PROFILES, wait_for

pytestmark = pytest.mark.needs_root
EPERM = "1: Operation not permitted\n"

# uid, argv, rc, stderr. {s} {a} {c}: targets of loaded jobs in system, gui/501, gui/502; {p}: a fine plist of that uid
PERMISSIONS = (
    (501, ("bootstrap", "system", "{p}"), 1, "Bootstrap failed: " + EPERM),
    (501, ("bootout", "{s}"), 1, "Boot-out failed: " + EPERM),
    (501, ("enable", "{s}"), 1, "Could not enable service: " + EPERM),
    (501, ("disable", "{s}"), 1, "Could not disable service: " + EPERM),
    (501, ("kickstart", "{s}"), 1, None),
    (501, ("kill", "TERM", "{s}"), 1, None),
    (501, ("print", "{s}"), 0, ""),
    (501, ("print", "system"), 0, ""),
    (501, ("print-disabled", "system"), 0, ""),
    (501, ("print", "gui/502"), 1, "Could not print domain: " + EPERM),
    (501, ("print", "{c}"), 1, "Could not print domain: " + EPERM),
    (501, ("print", "gui/999"), 1, "Could not print domain: " + EPERM),
    (501, ("print", "user/502"), 1, "Could not print domain: " + EPERM),
    (501, ("bootstrap", "gui/502", "{p}"), 1, "Bootstrap failed: " + EPERM),
    (501, ("bootstrap", "user/502", "{p}"), 1, "Bootstrap failed: " + EPERM),
    (501, ("bootout", "{c}"), 1, "Boot-out failed: " + EPERM),
    (501, ("disable", "{c}"), 1, "Could not disable service: " + EPERM),
    (501, ("kickstart", "-k", "{c}"), 1, None),
    (501, ("print", "{a}"), 0, ""),
    (501, ("print", "user/501"), 0, ""),
    (501, ("kickstart", "{a}"), 0, ""),
    (501, ("disable", "{a}"), 0, ""),
    (501, ("enable", "{a}"), 0, ""),
    (501, ("bootstrap", "gui/501", "{p}"), 0, ""),
    (501, ("bootout", "{a}"), 0, ""),
    (501, ("limit", "maxfiles", "1000"), 1, None),
    (501, ("asuser", "501", "/bin/true"), 1, None),
    (0, ("print", "gui/502"), 0, ""),
    (0, ("print", "user/777"), 0, ""),
    (0, ("kickstart", "{c}"), 0, ""),
    (0, ("disable", "{c}"), 0, ""),
    (0, ("enable", "{c}"), 0, ""),
    (0, ("bootout", "{c}"), 0, ""),
    (0, ("bootstrap", "gui/501", "{p}"), 0, ""),
)


def test_permissions(fresh):
    mac = fresh()
    mac.ctl("login", 501)
    mac.ctl("login", 502)
    words = {"s": "system/" + mac.load(KeepAlive=True), "a": "gui/501/" + mac.load("gui/501", KeepAlive=True),
             "c": "gui/502/" + mac.load("gui/502", KeepAlive=True)}
    for uid, argv, code, err in PERMISSIONS:
        _label, path = mac.plist(owner=uid)
        result = mac.run_as(uid, *[word.format(p=path, **words) for word in argv])
        assert result.rc == code, (uid, argv, result)
        assert err is None or result.err == err, (uid, argv, result)
    assert mac.run("print", words["s"]).rc == 0


@pytest.mark.parametrize(("domain", "owner", "mode", "code"), (
    ("system", 0, 0o644, 0), ("system", 0, 0o600, 0), ("system", 501, 0o644, 122), ("gui/501", 501, 0o644, 0),
    ("gui/501", 501, 0o600, 0), ("gui/501", 0, 0o644, 0), ("gui/501", 502, 0o644, 122), ("gui/501", 501, 0o660, 122)))
def test_owner_and_mode_of_plists(doubles, domain, owner, mode, code):
    mac = doubles(13)
    _label, path = mac.plist(owner=owner, mode=mode)
    assert mac.run("bootstrap", domain, path).rc == code


def test_unknown_labels_are_enabled_in_silence(double):
    for domain in ("system", "gui/501", "user/501"):
        for verb in ("enable", "disable"):
            result = double.run(verb, "%s/%s" % (domain, double.label()))
            assert (result.rc, result.out, result.err) == (0, "", "")


@pytest.mark.parametrize("profile", PROFILES)
def test_print_disabled(doubles, profile):
    mac = doubles(profile)
    off, on = mac.label(), mac.label()
    mac.run("disable", "gui/501/" + off)
    mac.run("enable", "user/501/" + on)
    yes, no = ("enabled", "disabled") if profile >= 13 else ("false", "true")
    for domain in ("gui/501", "user/501"):
        text = mac.run("print-disabled", domain).out
        assert text.startswith("disabled services = {\n") and text.endswith("\n}\n")
        assert '\n\t"%s" => %s\n' % (off, no) in text
        assert '\n\t"%s" => %s\n' % (on, yes) in text
    assert off not in mac.run("print-disabled", "system").out


def test_disabled_database_is_real_and_lasting(fresh):
    mac = fresh()
    label, path = mac.plist(directory=mac.daemons, KeepAlive=True)
    store = os.path.join(mac.root, "private/var/db/com.apple.xpc.launchd")
    assert not os.path.exists(store), "reading creates nothing"
    assert mac.run("bootstrap", "system", path).rc == 0
    pid = mac.field("system/" + label, "pid")
    assert mac.run("disable", "system/" + label).rc == 0
    assert mac.field("system/" + label, "pid") == pid, "disable stops nothing"
    mac.run("disable", "gui/501/agent") if mac.ctl("login", 501) else None
    with open(store + "/disabled.plist", "rb") as stream:
        assert plistlib.load(stream) == {label: True}
    with open(store + "/disabled.501.plist", "rb") as stream:
        assert plistlib.load(stream) == {"agent": True}
    mac.power_cut()
    mac.start(boot=True)
    assert mac.run("print", "system/" + label).rc == 113, "not loaded at boot"
    assert mac.run("bootstrap", "system", path).rc == 5
    os.unlink(path)
    assert '"%s" => disabled' % label in mac.run("print-disabled", "system").out, "outlives the plist"
    assert mac.run("enable", "system/" + label).rc == 0
    with open(store + "/disabled.plist", "rb") as stream:
        assert plistlib.load(stream) == {label: False}


def test_override_beats_the_disabled_key(double):
    label, path = double.plist(Disabled=True)
    assert double.run("bootstrap", "system", path).rc == 5
    assert double.run("enable", "system/" + label).rc == 0
    assert double.run("bootstrap", "system", path).rc == 0


def test_disabled_stays_through_bootout(double):
    label, path = double.plist()
    double.run("bootstrap", "system", path)
    double.run("disable", "system/" + label)
    assert double.run("bootout", "system/" + label).rc == 0
    wait_for(lambda: double.run("print", "system/" + label).rc == 113)
    assert double.run("bootstrap", "system", path).rc == 5


# -- boot and login --------------------------------------------------------------------------------


def boot_rows(mac):
    """(label, is it loaded after boot) with every reason not to be."""
    mac.plist("good", mac.daemons, KeepAlive=True)
    mac.plist("idle", mac.daemons)
    mac.plist("writable", mac.daemons, mode=0o666)
    mac.plist("stranger", mac.daemons, owner=501)
    mac.plist("broken", mac.daemons, raw=b"junk")
    mac.plist("off-in-plist", mac.daemons, Disabled=True)
    mac.plist("off-in-db", mac.daemons)
    mac.run("disable", "system/off-in-db")
    _label, path = mac.plist("linked", mac.directory)
    os.symlink(path, os.path.join(mac.daemons, "linked.plist"))
    _label, path = mac.plist("other-suffix", mac.daemons)
    os.rename(path, path + ".bak")
    mac.plist("apples", os.path.join(mac.root, "System/Library/LaunchDaemons"), KeepAlive=True)


@pytest.mark.parametrize("profile", (13, 26))
def test_boot(fresh, profile):
    mac = fresh(profile)
    boot_rows(mac)
    mac.stop()
    mac.start(boot=True)
    loaded = {"good", "idle", "apples"} | ({"linked"} if profile == 13 else set())
    assert set(mac.ctl("status")["domains"]["system"]) == loaded
    assert mac.field("system/good", "state") == "running"
    assert mac.field("system/idle", "state") == "not running"
    refused = {os.path.basename(row["path"]): row["code"] for row in mac.events("load-refused")}
    assert refused["writable.plist"] == refused["stranger.plist"] == 122
    assert refused["broken.plist"] == 109
    assert refused["off-in-plist.plist"] == refused["off-in-db.plist"] == 119
    assert mac.events("spawn")[0]["target"] == "system/apples", "Apple's own come first"


def test_login_and_logout(fresh):
    mac = fresh()
    mac.plist("mine", mac.agents("admin"), owner=501, KeepAlive=True)
    mac.plist("everybodys", os.path.join(mac.root, "Library/LaunchAgents"), RunAtLoad=True)
    mac.plist("background", mac.agents("admin"), owner=501, LimitLoadToSessionType="Background")
    mac.plist("not-mine", mac.agents("admin"), owner=502)
    _label, path = mac.plist("linked", mac.directory)
    os.symlink(path, mac.agents("admin") + "/linked.plist")
    mac.plist("clawed", mac.agents("claw"), owner=502)
    assert mac.run("print", "gui/501").rc == 112
    mac.ctl("login", 501)
    assert mac.run("print", "gui/501").rc == 0
    assert set(mac.ctl("status")["domains"]["gui/501"]) == {"mine", "everybodys"}
    assert mac.field("gui/501/mine", "state") == "running"
    assert mac.field("gui/501/mine", "type") == "LaunchAgent"
    assert mac.run("print", "gui/502").rc == 112
    pid = int(mac.field("gui/501/mine", "pid"))
    mac.ctl("logout", "admin")
    assert mac.run("print", "gui/501").rc == 112
    assert mac.run("bootstrap", "gui/501", mac.agents("admin") + "/mine.plist").rc == 125
    wait_for(lambda: not os.path.exists("/proc/%d" % pid), what="end of the agent")
    mac.ctl("login", "admin")
    assert mac.field("gui/501/mine", "state") == "running"
    assert mac.field("gui/501/mine", "runs") == "1"


def test_logout_waits_for_nobody_but_kills_after_the_exit_timeout(fresh):
    mac = fresh()
    mac.ctl("login", 501)
    mac.load_stubborn("gui/501", label="stubborn", ExitTimeOut=6)
    mac.ctl("logout", 501)
    wait_for(lambda: mac.events("sigkill", "stubborn"), what="sigkill")
    wait_for(lambda: mac.events("bootout-done", "stubborn"), what="end")


def test_double_login_is_refused(fresh):
    mac = fresh()
    mac.ctl("login", 501)
    with pytest.raises(AssertionError, match="logged in already"):
        mac.ctl("login", 501)
    with pytest.raises(AssertionError, match="not logged in"):
        mac.ctl("logout", 502)


def test_power_cut_and_automatic_login(fresh):
    mac = fresh()
    mac.plist("daemon", mac.daemons, KeepAlive=True)
    mac.plist("agent", mac.agents("admin"), KeepAlive=True)
    mac.ctl("boot")
    mac.ctl("login", 501)
    mac.run("setenv", "POISON", "value")
    mac.power_cut()
    mac.start(boot=True)
    assert mac.field("system/daemon", "state") == "running"
    assert mac.run("print", "gui/501").rc == 112, "nobody logs in by itself"
    assert mac.run("getenv", "POISON").out == ""
    mac.ctl("autologin", "admin")
    mac.power_cut()
    mac.start(boot=True)
    assert mac.field("gui/501/agent", "state") == "running"
    os.unlink(os.path.join(mac.root, "etc/kcpassword"))
    mac.stop()
    mac.start(boot=True)
    assert mac.run("print", "gui/501").rc == 112, "the preference alone logs nobody in"
    mac.ctl("autologin", "off")
    assert mac.ctl("status")["autologin"] is None


def test_reboot(fresh):
    mac = fresh()
    mac.plist("daemon", mac.daemons, KeepAlive=True)
    label = mac.load(KeepAlive=True)
    mac.ctl("boot")
    mac.ctl("login", 501)
    mac.run("setenv", "A", "b")
    pid = mac.field("system/daemon", "pid")
    mac.ctl("reboot")
    assert mac.field("system/daemon", "pid") not in (None, pid)
    assert mac.field("system/daemon", "runs") == "1"
    assert mac.run("print", "system/" + label).rc == 113
    assert mac.run("print", "gui/501").rc == 112
    assert mac.run("getenv", "A").out == ""


def test_user_domain_appears_on_use_and_goes_with_the_reboot(fresh):
    mac = fresh()
    assert "user/501" not in mac.ctl("status")["domains"]
    assert mac.run_as(501, "print", "user/501").rc == 0
    label = mac.load("user/501", LimitLoadToSessionType="Background", KeepAlive=True)
    assert mac.field("user/501/" + label, "state") == "running"
    mac.ctl("reboot")
    assert mac.run("print", "user/501/" + label).rc == 113


# -- sessions and the verbs without a target -------------------------------------------------------

SESSIONS = (
    # session knob, uid, manager, where load goes
    ("ssh", 501, "Background", "user/501"),
    ("aqua", 501, "Aqua", "gui/501"),
    ("auto", 0, "System", "system"),
    ("auto", 501, "Aqua", "gui/501"),
    ("auto", 502, "Background", "user/502"),
)


@pytest.mark.parametrize(("session", "uid", "manager", "domain"), SESSIONS)
def test_session_decides_the_domain(fresh, session, uid, manager, domain):
    mac = fresh(session=session)
    mac.ctl("login", 501)
    keys = {"LimitLoadToSessionType": ["Aqua", "Background"], "KeepAlive": True}
    label, path = mac.plist(owner=uid, **keys)
    assert mac.run_as(uid, "managername").out == manager + "\n"
    assert mac.run_as(uid, "load", path).rc == 0
    assert mac.run("print", "%s/%s" % (domain, label)).rc == 0
    assert label in mac.run_as(uid, "list").out
    assert mac.run_as(uid, "setenv", "WHERE", domain).rc == 0
    assert mac.run_as(uid, "getenv", "WHERE").out == domain + "\n"
    assert mac.run_as(uid, "unload", path).rc == 0


def test_load_and_unload_w(double):
    label, path = double.plist(KeepAlive=True)
    double.run("disable", "system/" + label)
    result = double.run("load", path)
    assert result.rc == 5 and result.err.startswith("Load failed: 5: Input/output error\n")
    assert double.run("load", "-w", path).rc == 0
    assert double.run("unload", "-w", path).rc == 0
    assert '"%s" => disabled' % label in double.run("print-disabled", "system").out


def test_load_of_an_agent_as_root_warns(fresh):
    mac = fresh()
    _label, path = mac.plist(directory=mac.agents("admin"))
    assert "Expecting a LaunchDaemons path" in mac.run("load", path).err


def test_setenv_reaches_jobs_spawned_later_and_loses_to_the_plist(double):
    log = os.path.join(double.directory, double.label())
    double.run("setenv", "CONF_A", "domain-a", "CONF_B", "domain-b")
    label = double.load(RunAtLoad=True, StandardOutPath=log, EnvironmentVariables={"CONF_B": "plist-b"},
                        ProgramArguments=["/bin/sh", "-c", "echo $CONF_A $CONF_B"])
    wait_for(lambda: double.events("exit", label))
    with open(log, encoding="ascii") as stream:
        assert stream.read() == "domain-a plist-b\n"
    assert "\t\tCONF_A => domain-a\n" in double.run("print", "system/" + label).out
    double.run("unsetenv", "CONF_A", "CONF_B")
    result = double.run("getenv", "CONF_A")
    assert (result.rc, result.out) == (0, "")


def test_asuser_changes_the_context_and_nothing_else(fresh):
    mac = fresh()
    mac.ctl("login", 501)
    result = mac.run("asuser", "501", "/bin/sh", "-c", "%s managername; id -u; exit 7" % mac.launchctl)
    assert (result.rc, result.out) == (7, "Aqua\n0\n")
    label, path = mac.plist()
    assert mac.run("asuser", "501", "/bin/sh", "-c", ": ; %s load %s; :" % (mac.launchctl, path)).rc == 0
    assert mac.run("print", "gui/501/" + label).rc == 0
    assert mac.run("managername").out == "System\n"


def test_submit_and_remove(double):
    label = double.label()
    assert double.run("submit", "-l", label, "--", "/bin/sleep", "600").rc == 0
    assert double.field("system/" + label, "type") == "Submitted"
    assert double.field("system/" + label, "state") == "running"
    assert double.run("submit", "-l", label, "--", "/bin/sleep", "600").rc == 17
    assert double.run("remove", label).rc == 0
    wait_for(lambda: double.run("print", "system/" + label).rc == 113)


def test_limit(fresh):
    mac = fresh()
    assert mac.run("limit", "maxfiles").out.split() == ["maxfiles", "256", "unlimited"]
    assert mac.run("limit", "maxfiles", "512", "1024").rc == 0
    assert mac.run("limit", "maxfiles").out.split() == ["maxfiles", "512", "1024"]
