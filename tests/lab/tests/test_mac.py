# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a host is like: network, SSH, facts, doubles, and a disk that looking at does not change."""

from __future__ import annotations

import hashlib
import json
import re
import socket
import subprocess
import sys
import tarfile
import urllib.request

import pytest
from lablib import faults
from lablib.paths import HERE, LabPaths


def _connect(lab, host: str, address: str, port: int) -> str:
    """Return "open" or the name of the error when C(host) connects to an address."""
    code = (
        "import errno,socket,sys\n"
        "try:\n socket.create_connection((sys.argv[1], int(sys.argv[2])), 2); print('open')\n"
        "except socket.timeout: print('timeout')\n"
        "except OSError as e: print(errno.errorcode.get(e.errno, str(e)))\n"
    )
    return lab.ok("exec", host, "--", "/usr/bin/python3", "-c", code, address, str(port)).strip()


def _ssh(lab, host: str, command: str, *options: str, user: str = "admin") -> subprocess.CompletedProcess:
    paths = LabPaths(lab.name)
    return subprocess.run(
        # Of an option given twice, ssh takes the first.
        ["ssh", "-F", "none", *options, "-i", str(paths.key), "-o", f"UserKnownHostsFile={paths.known_hosts}",
         "-o", "StrictHostKeyChecking=yes", "-o", "BatchMode=yes", "-o", "GlobalKnownHostsFile=/dev/null",
         f"{user}@{lab.status()['hosts'][host]['address']}", command],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip


def test_ssh_is_real_and_its_keys_are_known(lab):
    done = _ssh(lab, "mini01", "hostname; id -un; echo $PATH; exit 3")
    assert done.stdout.split() == ["mini01", "admin", "/usr/bin:/bin:/usr/sbin:/sbin"]
    assert done.returncode == 3


def test_ssh_keeps_root_and_strangers_out(lab, tmp_path):
    assert _ssh(lab, "mini01", "true", user="root").returncode == 255
    assert _ssh(lab, "mini01", "true", "-o", "UserKnownHostsFile=/dev/null").returncode == 255


def test_loopback_is_the_hosts_own(lab):
    address = lab.status()["hosts"]["mini01"]["address"]
    lab.ok("inject", "mini01", "foreign_port", "port=18789")
    assert _connect(lab, "mini01", "127.0.0.1", 18789) == "open"
    assert _connect(lab, "mini02", "127.0.0.1", 18789) == "ECONNREFUSED"
    assert _connect(lab, "mini02", address, 18789) == "ECONNREFUSED"
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((address, 18789), 2)
    lab.ok("reset", "mini01")


def test_hosts_reach_each_other_and_the_mirror_but_nothing_outside(lab):
    status = lab.status()
    assert _connect(lab, "mini01", status["hosts"]["mini02"]["address"], 22) == "open"
    bridge, port = status["mirror"]["url"].removeprefix("http://").split(":")
    assert _connect(lab, "mini01", bridge, int(port)) == "open"
    assert _connect(lab, "mini01", "192.0.2.1", 80) == "ENETUNREACH"
    assert _connect(lab, "mini01", "1.1.1.1", 443) == "ENETUNREACH"


def test_two_labs_do_not_see_each_other(lab, other_lab):
    mine, other = lab.status(), other_lab.status()
    assert mine["subnet"] != other["subnet"]
    assert mine["bridge"] != other["bridge"]
    assert _connect(lab, "mini01", other["hosts"]["mini01"]["address"], 22) == "ENETUNREACH"
    assert _ssh(other_lab, "mini01", "hostname").stdout == "mini01\n"
    assert _ssh(lab, "mini02", "hostname").stdout == "mini02\n"


def test_ansible_takes_it_for_a_mac(lab, fresh, ansible):
    facts = ansible(fresh, "-m", "ansible.builtin.setup")["ansible_facts"]
    expected = {
        "ansible_system": "Darwin", "ansible_os_family": "Darwin", "ansible_distribution": "MacOSX",
        "ansible_distribution_major_version": "26", "ansible_architecture": "arm64", "ansible_machine": "arm64",
        "ansible_hostname": fresh, "ansible_service_mgr": "launchd", "ansible_processor": "Apple M4",
        "ansible_memtotal_mb": 16384, "ansible_user_id": "root", "ansible_user_dir": "/var/root",
    }  # fmt: skip
    assert {key: facts.get(key) for key in expected} == expected
    assert 0 <= facts["ansible_uptime_seconds"] < 600
    assert facts["ansible_all_ipv4_addresses"] == [lab.status()["hosts"][fresh]["address"]]
    assert facts["ansible_python_version"].startswith(".".join(lab.status()["python"].split(".")[:2]))


def test_looking_does_not_change_a_byte(lab, fresh, ansible):
    before = lab.ok("checksum", fresh, "--list").splitlines()
    assert len(before) > 100
    ansible(fresh, "-m", "ansible.builtin.ping", "-b")
    ansible(fresh, "-m", "ansible.builtin.setup")
    ansible(fresh, "-m", "ansible.builtin.stat", "-a", "path=/Users/openclaw", "--become-user", "openclaw")
    assert _ssh(lab, fresh, "sudo -n id; launchctl list >/dev/null; sw_vers", "-tt").returncode == 0
    lab.sh(fresh, "launchctl print system >/dev/null", user="openclaw")
    after = lab.ok("checksum", fresh, "--list").splitlines()
    assert sorted(set(before) ^ set(after)) == []


def test_the_checksum_sees_a_change(lab, fresh):
    before = lab.ok("checksum", fresh)
    lab.sh(fresh, "touch /Users/openclaw/new; rm /Users/openclaw/new")
    assert lab.ok("checksum", fresh) != before


def test_the_checksum_tells_of_a_file_that_is_gone_before_it_is_read():
    """A Gateway at work makes and removes files all the time."""
    listed = "import os, sys; os.walk = lambda top: [(top, [], ['was-here'])]; exec(open(sys.argv.pop(1)).read())"
    argv = [sys.executable, "-c", listed, str(HERE / "lablib/checksum.py"), "list"]
    done = subprocess.run(argv, capture_output=True, text=True, check=True)
    assert [line for line in done.stdout.splitlines() if "was-here" in line] == [
        "/was-here gone", "/usr/local/was-here gone"]  # fmt: skip


def test_system_is_sealed(lab):
    for place in ("/usr/bin", "/System", "/opt/homebrew/opt/node@24", "/opt/homebrew/lib/node_modules/openclaw"):
        done = lab.run("exec", "mini01", "--", "touch", f"{place}/x")
        assert "Read-only file system" in done.stderr, place
    lab.sh("mini01", "touch /usr/local/x; rm /usr/local/x")


def test_a_host_is_of_one_release_in_all_it_says(lab, other_lab):
    """What launchd says goes with what the programs and Python say, host by host."""
    assert (lab.status()["hosts"]["mini01"]["macos"], other_lab.status()["hosts"]["mini01"]["macos"]) == (26, 13)
    python = "python3 -c 'import os, platform; print(platform.mac_ver()[0], os.uname().release)'"
    for each, version, build, kernel, refusal in (
        (lab, "26.3", "25D125", "25.3.0", "Bootstrap failed: 5: Input/output error"),
        (other_lab, "13.7.8", "22H730", "22.6.0", "Bootstrap failed: 2: No such file or directory"),
    ):
        assert each.sh("mini01", "sw_vers -productVersion; sw_vers -buildVersion") == f"{version}\n{build}\n"
        assert each.sh("mini01", "uname -r; sysctl -n kern.osproductversion kern.osrelease").split() == [
            kernel, version, kernel]  # fmt: skip
        assert each.sh("mini01", python).split() == [version, kernel]
        assert refusal in each.run("exec", "mini01", "--", "launchctl", "bootstrap", "system", "/no.plist").stderr


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("sw_vers", "ProductName:\t\tmacOS\nProductVersion:\t\t26.3\nBuildVersion:\t\t25D125\n"),
        ("/usr/bin/sw_vers -productVersion", "26.3\n"),
        ("uname", "Darwin\n"),
        ("uname -m", "arm64\n"),
        ("uname -sm", "Darwin arm64\n"),
        ("sysctl -n kern.memorystatus_vm_pressure_level", "1\n"),
        ("sysctl -n vm.swapusage", "total = 0.00M  used = 0.00M  free = 0.00M  (encrypted)\n"),
        ("sysctl hw.memsize", "hw.memsize: 17179869184\n"),
        ("sysctl -b kern.boottime | wc -c", "16\n"),
        ("vm_stat | head -1", "Mach Virtual Memory Statistics: (page size of 16384 bytes)\n"),
        ("dscl . -read /Users/openclaw UniqueID", "UniqueID: 502\n"),
        ("dscl . -list /Users | grep openclaw", "openclaw\n"),
        ("scutil --get ComputerName", "mini01\n"),
        ("fdesetup status", "FileVault is Off.\n"),
        ("dscl . -read /Users/openclaw IsHidden", "No such key: IsHidden\n"),
        ("tmutil isexcluded /Users/openclaw", "[Included]    /Users/openclaw\n"),
        ("mdutil -s /", "/:\n\tIndexing enabled. \n"),
        ("/usr/libexec/ApplicationFirewall/socketfilterfw --getglobalstate", "Firewall is disabled. (State = 0)\n"),
        ("xcode-select -p", "/Library/Developer/CommandLineTools\n"),
        ("softwareupdate -l | tail -1", "No new software available.\n"),
        ("pmset -g | grep autorestart", " autorestart          1\n"),
        ("plutil -lint /System/Library/LaunchDaemons/ssh.plist", "/System/Library/LaunchDaemons/ssh.plist: OK\n"),
        ("plutil -extract Label raw /System/Library/LaunchDaemons/ssh.plist", "com.openssh.sshd\n"),
        ("plutil -extract Label raw -o - /System/Library/LaunchDaemons/ssh.plist", "com.openssh.sshd\n"),
        ("plutil -convert json -o - /System/Library/LaunchDaemons/ssh.plist | cut -c1-9", '{"Label":\n'),
        ("lsof -nP -iTCP:22 -sTCP:LISTEN -t | wc -l", "1\n"),
        ("lsof -nP -iTCP:22 -sTCP:LISTEN -F pcn | grep -c ^n", "2\n"),
        ("ifconfig lo0 | grep 'inet '", "\tinet 127.0.0.1 netmask 0xff000000\n"),
        ("which node npm openclaw apt-get systemctl ip || echo none", "none\n"),
        ("/opt/homebrew/bin/node --version", "v24.19.0\n"),
        ("PATH=/opt/homebrew/bin:$PATH openclaw --version | cut -d' ' -f1-2", "OpenClaw 2026.9.6\n"),
    ],
)
def test_doubles_answer(lab, command, said):
    assert lab.ok("exec", "mini01", "--", "/bin/sh", "-c", command) == said


@pytest.mark.parametrize(
    "command",
    ["sw_vers --nonsense", "uname -z", "sysctl", "sysctl -w kern.maxfiles=1", "vm_stat 1",
     "dscl . -create /Groups/x", "dscl . -delete /Users/openclaw", "sysctl kern.maxproc=1",
     "tmutil addexclusion -p /opt", "mdutil -i off /", "xcode-select --install", "softwareupdate -i -a",
     "scutil --dns", "pmset -a nonsense 1", "fdesetup enable", "security dump-keychain", "plutil -replace a b c",
     "defaults domains", "ifconfig en0 down", "lsof /tmp", "route add default 1.2.3.4"],
)  # fmt: skip
def test_doubles_refuse_loudly_what_they_do_not_know(lab, command):
    done = lab.run("exec", "mini01", "--", *command.split())
    assert done.returncode == 64
    assert "the lab's double does not know" in done.stderr
    last = [json.loads(line) for line in lab.ok("log", "mini01").splitlines()][-1]
    assert " ".join(last["argv"]) == command.partition(" ")[2]
    assert (last["program"], last["rc"]) == (command.split()[0], 64)


def test_keychain_is_locked_over_ssh(lab, fresh):
    add = "security add-generic-password -s svc -a me -w s3cret-value-nobody-logs"
    find = "security find-generic-password -s svc -a me -w"
    assert _ssh(lab, fresh, add).returncode == 36
    assert _ssh(lab, fresh, f"security unlock-keychain -p x; {add} && {find}").stdout == "s3cret-value-nobody-logs\n"
    assert _ssh(lab, fresh, "security find-generic-password -s other -w").returncode == 44
    assert "s3cret-value" not in lab.ok("log", fresh)


def test_the_keychain_of_the_system_is_open_and_roots_to_write(lab, fresh):
    keychain = "/Library/Keychains/System.keychain"
    add = f"add-generic-password -U -s svc -a me -T /usr/bin/security -w s3cret-value-nobody-logs {keychain}"
    interactive = f"echo '{add}' | security -i"
    assert _ssh(lab, fresh, interactive).returncode == 195
    assert _ssh(lab, fresh, f"echo '{add}' | sudo security -i").returncode == 0
    found = _ssh(lab, fresh, f"security find-generic-password -s svc -w {keychain}")
    assert found.stdout == "s3cret-value-nobody-logs\n"
    assert "s3cret-value" not in lab.ok("log", fresh) + _ssh(lab, fresh, f"cat {keychain}").stdout


def test_defaults_keep_values(lab, fresh):
    domain = "/Library/Preferences/com.apple.SoftwareUpdate"
    lab.sh(fresh, f"defaults write {domain} AutomaticallyInstallMacOSUpdates -bool false")
    assert lab.sh(fresh, f"defaults read {domain} AutomaticallyInstallMacOSUpdates") == "0\n"
    assert lab.sh(fresh, f"plutil -extract AutomaticallyInstallMacOSUpdates raw {domain}.plist") == "false\n"
    assert lab.run("exec", fresh, "--", "defaults", "read", domain, "nothing").returncode == 1


def test_the_mirror_has_node_under_its_official_names(lab, tmp_path):
    base = lab.status()["mirror"]["url"] + "/node/v24.19.0/"
    sums = urllib.request.urlopen(base + "SHASUMS256.txt", timeout=10).read().decode()
    pin, name = sums.split()
    target = tmp_path / name
    target.write_bytes(urllib.request.urlopen(base + name, timeout=60).read())
    assert name == "node-v24.19.0-darwin-arm64.tar.gz"
    assert hashlib.sha256(target.read_bytes()).hexdigest() == pin
    with tarfile.open(target) as archive:
        node = archive.getmember("node-v24.19.0-darwin-arm64/bin/node")
        assert node.mode & 0o111
        assert archive.getmember("node-v24.19.0-darwin-arm64/bin/npm").issym()


def test_every_fault_documents_itself_and_is_a_script():
    for name, fault in faults.scripts().items():
        assert fault.what.endswith("."), name
        assert subprocess.run(["sh", "-n"], input=fault.script, text=True, check=False).returncode == 0, name
        unused = [key for key in fault.takes if f"${key}" not in fault.script and f"${{{key}" not in fault.script
                  and f'env["{key}"]' not in fault.script
                  and not re.search(rf"\$\(\(.*\b{key}\b.*\)\)", fault.script)
                  and f"{{{key}}}" not in " ".join(fault.launchd)]  # fmt: skip
        assert unused == [], name


_STATE = "/Users/openclaw/.openclaw"
_CONFIG = f"{_STATE}/openclaw.json"
_DAEMONS = "/Library/LaunchDaemons"
#: Fault, its parameters, what must hold first, what must hold afterwards.
_EFFECTS = [
    ("foreign_port", ["port=4711"], "", "lsof -nP -iTCP:4711 -sTCP:LISTEN -F L | grep Ladmin"),
    ("missing_user", [], "", "! id openclaw 2>/dev/null"),
    ("state_dir_full", [], "",
     f"! sh -c 'echo x >> {_STATE}/new' 2>/dev/null; stat -c %U {_STATE} | grep openclaw"),
    ("state_dir_readonly", [], "", f"touch {_STATE}/x 2>&1 | grep 'Read-only file system'"),
    ("config_broken", [], f"mkdir {_STATE}; echo '{{\"a\": 1}}' > {_CONFIG}", f"stat -c %s {_CONFIG} | grep 4"),
    ("config_unreadable_mode", [], f"mkdir {_STATE}; touch {_CONFIG}",
     f"! sudo -u openclaw cat {_CONFIG} 2>/dev/null"),
    ("token_in_plist", ["label=x.y", "value=t0ken"], f"cp /System{_DAEMONS}/ssh.plist {_DAEMONS}/x.y.plist",
     f"plutil -extract EnvironmentVariables.OPENCLAW_GATEWAY_TOKEN raw {_DAEMONS}/x.y.plist | grep t0ken"),
    ("token_in_dotenv", [], f"mkdir {_STATE}", f"grep OPENCLAW_GATEWAY_TOKEN {_STATE}/.env"),
    ("launchctl_setenv_token", [], "", "launchctl getenv OPENCLAW_GATEWAY_TOKEN | grep stale"),
    ("disabled_label", [], "", "launchctl print-disabled system | grep ai.openclaw.gateway"),
    ("label_in_agent", [], "", "plutil -lint /Users/openclaw/Library/LaunchAgents/ai.openclaw.gateway.plist"),
    ("not_a_mac", [], "",
     "python3 -c 'import platform; print(platform.system())' | grep Linux; ! launchctl list 2>/dev/null"),
]  # fmt: skip


@pytest.mark.parametrize(("fault", "words", "before", "after"), _EFFECTS, ids=[row[0] for row in _EFFECTS])
def test_fault_breaks_what_it_says(lab, fresh, fault, words, before, after):
    lab.sh(fresh, before or "true")
    lab.ok("inject", fresh, fault, *words)
    lab.sh(fresh, after)
    lab.ok("reset", fresh)


_JOB = """import plistlib
job = {"Label": "ai.openclaw.gateway", "KeepAlive": True, "ThrottleInterval": 1,
       "ProgramArguments": ["/usr/bin/python3", "-c", "import time; time.sleep(600)"]}
plistlib.dump(job, open("/Library/LaunchDaemons/ai.openclaw.gateway.plist", "wb"))
"""


def test_kill_and_freeze_hit_the_job_and_leave_no_launchctl_call(lab, fresh):
    lab.ok("exec", fresh, "--", "/usr/bin/python3", "-c", _JOB)
    lab.sh(fresh, "launchctl bootstrap system /Library/LaunchDaemons/ai.openclaw.gateway.plist; sleep 1")
    calls = len([x for x in lab.ok("log", fresh).splitlines() if '"launchctl"' in x])
    lab.ok("inject", fresh, "freeze_gateway")
    assert lab.sh(fresh, "grep -h State /proc/$(pgrep -of '^/usr/bin/python3 -c import time')/status").split()[1] == "T"
    lab.ok("inject", fresh, "kill_gateway")
    assert calls == len([x for x in lab.ok("log", fresh).splitlines() if '"launchctl"' in x])
    again = "launchctl print system/ai.openclaw.gateway | grep -q 'runs = 2'"
    lab.sh(fresh, f"for i in 1 2 3 4 5 6 7 8 9 10; do {again} && exit 0; sleep 0.5; done; exit 1")
    lab.ok("reset", fresh)
