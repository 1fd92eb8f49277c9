# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""kill -9 of openclaw_config at random moments, 8 a round (200 in the long run): the old file or the new, no litter."""
import json
import signal
import stat
import time

from config_kit import runner  # noqa: F401 (fixtures)  # pylint: disable=unused-import
from module_runner import agreed

KILLS_A_ROUND = 8
TOKEN = "kill-kill-kill-kill-kill-kill"
OLD = json.dumps({"meta": {"lastTouchedVersion": "2026.9.6"}, "logging": {"redactPatterns": ["x" * 60] * 2000},
                  "gateway": {"mode": "local", "port": 18789, "auth": {"mode": "token", "token": TOKEN}}}, indent=2)


def test_killed_at_any_moment(runner, rounds, chance, tmp_path):
    directory = tmp_path / "state"
    directory.mkdir(mode=0o700)
    file = directory / "openclaw.json"
    options = {"settings": {"gateway": {"port": 19001}}}

    def reset():
        for path in directory.iterdir():
            path.unlink()
        file.write_text(OLD)
        file.chmod(0o600)

    reset()
    began = time.monotonic()
    runner.process(dict(options, state_dir=str(directory)))
    whole = time.monotonic() - began
    new = file.read_text()
    assert new == OLD.replace("18789", "19001")
    outcomes = {"before": 0, "after": 0, "too late": 0}
    for _kill in range(KILLS_A_ROUND * rounds):
        reset()
        # What comes before the module's own code is not worth many kills.
        process = runner.start(dict(options, state_dir=str(directory)))
        time.sleep(chance.uniform(0.3, 1.1) * whole)
        process.kill()
        process.communicate()
        text = file.read_text()
        assert text in (OLD, new)
        assert not [path.name for path in directory.iterdir() if stat.S_IMODE(path.stat().st_mode) & 0o077]
        late = process.returncode != -signal.SIGKILL
        outcomes["too late" if late else "after" if text == new else "before"] += 1
        # A backup that has the old bytes may be there; whatever else the dead left is cleared away.
        result = agreed(runner.quick, directory, options)
        assert not result.get("failed"), result
        assert file.read_text() == new
    assert outcomes["before"] > 0
    print(outcomes)
