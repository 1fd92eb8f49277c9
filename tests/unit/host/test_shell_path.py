# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The PATH of a login shell, from the text of its start files."""
import time

import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils._host import shell_path

HOME = "/Users/admin"
#: As a Mac ships them.
ZPROFILE = """# system-wide environment settings for zsh(1)
if [ -x /usr/libexec/path_helper ]; then
\teval `/usr/libexec/path_helper -s`
fi
"""
PATHS = "/usr/local/bin\n/System/Cryptexes/App/usr/bin\n/usr/bin\n/bin\n/usr/sbin\n/sbin\n"
MAC = {"/etc/zprofile": ZPROFILE, "/etc/paths": PATHS, "/etc/profile": ZPROFILE}
BREW = 'eval "$(/opt/homebrew/bin/brew shellenv)"\n'
DEFAULT = ["/usr/local/bin", "/System/Cryptexes/App/usr/bin", *shell_path.SYSTEM]


def path(shell="/bin/zsh", **files):
    texts = dict(MAC, **{"%s/.%s" % (HOME, name): text for name, text in files.items()})
    return shell_path.login_path(shell, HOME, texts.get)


def test_a_mac_out_of_the_box():
    assert path() == path("/bin/bash") == DEFAULT


CASES = [
    (BREW, ["/opt/homebrew/bin", "/opt/homebrew/sbin"]),
    ("eval $(/usr/local/bin/brew shellenv)\n", ["/usr/local/bin", "/usr/local/sbin"]),
    ("export PATH=/a/bin:$PATH\n", ["/a/bin"]),
    ('export PATH="$HOME/bin:${PATH}"\n', [HOME + "/bin"]),
    ("PATH=~/bin:$PATH; export PATH\n", [HOME + "/bin"]),
    ("if true; then PATH='/q':$PATH; fi\n", ["/q"]),
    ("[ -d /x ] && export PATH=/x:$PATH\n", ["/x"]),
    ("path=(/z $path)\n", ["/z"]),
    ("path=(\n  ~/one\n  /two\n  $path\n)\n", [HOME + "/one", "/two"]),
    ('export VOLTA_HOME="$HOME/.volta"\nexport PATH="$VOLTA_HOME/bin:$PATH"\n', [HOME + "/.volta/bin"]),
    ("# export PATH=/no:$PATH\n", []),
    ("echo PATH=/no\n", []),
    ("MANPATH=/no:$MANPATH\n", []),
    ("export PATH=relative:$(dirs):$UNKNOWN:$PATH\n", []),
    ('eval "$(fnm env --use-on-cd)"\n', [HOME + "/.local/share/fnm/aliases/default/bin",
                                         HOME + "/Library/Application Support/fnm/aliases/default/bin"]),
    (". /opt/homebrew/opt/asdf/libexec/asdf.sh\n", [HOME + "/.asdf/shims"]),
    ('eval "$(mise activate zsh)"\n', [HOME + "/.local/share/mise/shims"]),
]  # fmt: skip


@pytest.mark.parametrize("text,first", CASES)
def test_what_comes_first(text, first):
    assert path(zprofile=text)[: len(first)] == first
    assert set(path(zprofile=text)) == set(first + DEFAULT)


def test_what_is_appended_comes_last():
    assert path(zshrc="export PATH+=:/late\n")[-1] == path(zshrc="path+=(/late)\n")[-1] == "/late"
    assert path(zshrc="PATH=$PATH:/late\n")[-1] == "/late"


def test_the_files_are_read_in_the_order_of_the_shell():
    assert path(zshenv="PATH=/env:$PATH\n", zprofile=BREW, zshrc="PATH=/rc:$PATH\n")[:2] == ["/rc", "/opt/homebrew/bin"]
    assert path(zshrc="PATH=/only\n") == ["/only"]


def test_bash_reads_the_first_profile_that_there_is():
    found = path("/bin/bash", bash_profile="PATH=/one:$PATH\n", profile="PATH=/two:$PATH\n", bashrc="PATH=/rc:$PATH\n")
    assert found[:2] == ["/rc", "/one"] and "/two" not in found
    assert path("/bin/bash", profile="PATH=/two:$PATH\n", zshrc="PATH=/z:$PATH\n")[0] == "/two"


@pytest.mark.parametrize(
    "alias,chosen", [("22", "v22.10.0"), ("v20.1.0", "v20.1.0"), ("lts/*", "v22.10.0"), (None, "v24.1.0")]
)
def test_nvm_takes_its_default_version(tmp_path, alias, chosen):
    for version in ("v20.1.0", "v22.3.0", "v22.10.0", "v24.1.0", "not-a-version"):
        (tmp_path / ".nvm/versions/node" / version).mkdir(parents=True)
    (tmp_path / ".nvm/alias/lts").mkdir(parents=True)
    (tmp_path / ".nvm/alias/lts/*").write_text("v22.10.0\n")
    if alias:
        (tmp_path / ".nvm/alias/default").write_text(alias + "\n")
    text = 'export NVM_DIR="$HOME/.nvm"\n[ -s "$NVM_DIR/nvm.sh" ] && . "$NVM_DIR/nvm.sh"\n'
    texts = {str(tmp_path / ".zshrc"): text}
    found = shell_path.login_path("zsh", str(tmp_path), texts.get)
    assert found[0] == str(tmp_path / ".nvm/versions/node" / chosen / "bin")


def test_an_env_file():
    text = "# Generated\nexport HOME='/U'\nexport PATH='/n/bin:/usr/bin'\n"
    assert shell_path.path_in(text) == ["/n/bin", "/usr/bin"]
    assert shell_path.path_in("HOME=/U\n") is None


@pytest.mark.parametrize(
    "piece", ['PATH="', "path=(", "/a", "PATH='x", "PATH=`", "PATH=$(", "export ", "brew ", "\\", "#"]
)
def test_hostile_text_ends_soon(piece):
    began = time.process_time()
    path(zshrc=piece * ((1 << 17) // len(piece)))
    assert time.process_time() - began < 10
