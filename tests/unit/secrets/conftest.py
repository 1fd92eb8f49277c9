# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A whole host below a directory, for the survey to look over."""
import os
import pathlib
import tempfile

import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils._secrets import places, survey
from host_kit import LABEL, ME, Account, T


@pytest.fixture()
def tmp_path():
    """Where other accounts may go: pytest's own directories are for their owner alone."""
    with tempfile.TemporaryDirectory() as path:
        os.chmod(path, 0o755)
        yield pathlib.Path(path)


@pytest.fixture()
def host(tmp_path, monkeypatch):
    """A host below tmp_path; host.put(path, text) writes a file, host.launchctl(answers) puts a launchctl there."""
    monkeypatch.setattr(places, "SYSTEM_FILES", (str(tmp_path / "etc/zshenv"), str(tmp_path / "etc/zshrc")))
    for name in ("home/.openclaw/service-env", "daemons", "agents", "global", "users", "etc"):
        (tmp_path / name).mkdir(parents=True)

    class Host:
        root = tmp_path
        places = survey.Places(
            Account("me", ME, os.getegid(), str(tmp_path / "home")),
            str(tmp_path / "home/.openclaw"),
            LABEL,
            str(tmp_path / "daemons"),
            str(tmp_path / "agents"),
            str(tmp_path / "launchctl"),
            users_dir=str(tmp_path / "users"),
            global_agents_dir=str(tmp_path / "global"),
        )

        def put(self, path, content):
            path = tmp_path / path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
            return str(path)

        def launchctl(self, answers, otherwise="exit 113"):
            """answers: the words after launchctl -> what it prints."""
            for number, text in enumerate(answers.values()):
                self.put("answers/%d" % number, text)
            cases = "".join(
                "'%s') cat '%s/answers/%d';;\n" % (words, tmp_path, number) for number, words in enumerate(answers)
            )
            self.put("launchctl", '#!/bin/sh\ncase "$*" in\n%s*) %s;;\nesac\n' % (cases, otherwise))
            (tmp_path / "launchctl").chmod(0o755)

        def found(self, **changes):
            found = survey.everything(self.places._replace(**changes))
            assert T not in repr(found)
            return found

        def told(self, **changes):
            """(kind, live, location below the root) of all sources, after making sure that all could be read."""
            found = self.found(**changes)
            assert found.unreadable == []
            return [(s.kind, s.live, s.location.replace(str(tmp_path) + "/", "")) for s in found.sources]

    return Host()
