# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host that does not wish us well: nothing is followed, waited for or believed that should not be."""
import os

import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils._secrets import places
from host_kit import CONFIG, LABEL, LINE, ME, OTHER, Account, T


def test_what_cannot_be_read_is_reported(host):
    (host.root / "home/.openclaw/.env").mkdir()
    host.put("daemons/%s.plist" % LABEL, b"rubbish")
    host.put("daemons/other.plist", b"openclaw rubbish")
    os.mkfifo(str(host.root / "home/.zshrc"))
    host.put("home/.zprofile", b"x" * ((1 << 20) + 1))
    host.put("home/.openclaw/openclaw.json", "{gateway: '%s' '%s'}" % (T, T))
    found = host.found()
    assert found.sources == []
    assert sorted(os.path.basename(entry["location"]) for entry in found.unreadable) == [
        ".env", ".zprofile", ".zshrc", LABEL + ".plist", "openclaw.json",
    ]  # fmt: skip


def test_a_file_that_supplies_very_many_is_cut_short(host):
    host.put("home/.openclaw/.env", LINE * 1000)
    found = host.found()
    assert len(found.sources) == places.MAX_FOUND and found.sources[-1].live
    assert len(found.unreadable) == 1


def test_very_many_copies_are_not_all_read(host):
    for number in range(100):
        host.put("home/.openclaw/openclaw.json.clobbered.%03d" % number, CONFIG)
    found = host.found()
    assert len(found.sources) == places.MAX_FILES and len(found.unreadable) == 1


@pytest.mark.skipif(ME != 0, reason="needs root")
def test_root_follows_no_link(host):
    secret = host.put("secret", "export " + LINE)
    for path in ("home/.zshrc", "etc/zshenv", "daemons/x.plist", "home/.openclaw/openclaw.json.bak"):
        os.symlink(secret, str(host.root / path))
    found = host.found()
    assert found.sources == []
    assert {entry["reason"] for entry in found.unreadable} == {"a symbolic link, which is not followed"}


@pytest.mark.skipif(ME != 0, reason="needs root")
def test_root_reads_an_accounts_files_with_the_accounts_rights(host):
    """A link to what only root may read leads nowhere; one to what the account may read does (dotfiles are linked)."""
    home = host.root / "home"
    os.chmod(host.put("secret", "export " + LINE), 0o600)
    os.chmod(host.put("dotfiles", "export " + LINE), 0o644)
    os.symlink(str(host.root / "secret"), str(home / ".zshrc"))
    os.symlink(str(host.root / "secret"), str(home / ".openclaw/.env"))
    os.symlink("/etc/shadow", str(home / ".openclaw/openclaw.json.bak"))
    os.symlink(str(host.root / "dotfiles"), str(home / ".zshenv"))
    host.put("home/.openclaw-x/openclaw.json", CONFIG)
    (home / ".openclaw-x").chmod(0o700)
    found = host.found(account=Account("me", OTHER, OTHER, str(home)))
    assert [source.location for source in found.sources] == [str(home / ".zshenv")]
    assert {entry["reason"] for entry in found.unreadable} == {"Permission denied"}
    assert len(found.unreadable) == 4 and os.geteuid() == 0


@pytest.mark.skipif(ME != 0, reason="needs root")
def test_other_peoples_gateways_are_looked_at_with_their_rights(host):
    for name in ("users/ann/.openclaw/openclaw.json", "users/ann/.openclaw/.env", "users/Shared/.openclaw/.env",
                 "users/root/.openclaw/.env", "users/.hidden/.openclaw/.env"):  # fmt: skip
        host.put(name, CONFIG if name.endswith("json") else LINE)
    for name in ("ann", "Shared", ".hidden"):
        for path, _directories, files in os.walk(str(host.root / "users" / name)):
            for item in [path] + [os.path.join(path, file) for file in files]:
                os.chown(item, OTHER, OTHER)
    os.symlink(str(host.root / "users/ann"), str(host.root / "users/link"))
    found = host.found()
    assert [(source.kind, source.whose, source.live) for source in found.sources] == [
        ("other_user_config", "ann", False), ("other_user_dotenv", "ann", False),
    ]  # fmt: skip
    assert found.unreadable == []


def test_a_directory_that_may_not_be_read_is_reported(host):
    if ME == 0:
        (host.root / "agents").chmod(0)
    account = host.places.account._replace(uid=OTHER, gid=OTHER) if ME == 0 else host.places.account
    entries = host.found(account=account).unreadable
    (host.root / "agents").chmod(0o700)
    assert {"location": str(host.root / "agents"), "reason": "Permission denied"} in entries
