# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
import os
import sys

import pytest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import harness


def pytest_configure(config):
    config.addinivalue_line("markers", "needs_root: calls launchctl as several users")


def pytest_collection_modifyitems(items):
    for item in items:
        if item.get_closest_marker("needs_root") and os.geteuid() != 0:
            item.add_marker(pytest.mark.skip(reason="needs root to call launchctl as other users"))


@pytest.fixture(scope="session")
def doubles():
    """profile -> one long-lived double with admin (501) logged in; tests keep to labels of their own."""
    running = {}

    def get(profile=26):
        if profile not in running:
            running[profile] = harness.Double(profile)
            running[profile].ctl("login", 501)
        return running[profile]

    get.running = running
    yield get
    for double in running.values():
        double.close()


@pytest.fixture(autouse=True)
def tidy(doubles):
    """No job outlives its test: what respawns for ever would make everything after it slower."""
    yield
    for double in doubles.running.values():
        double.boot_all_out()


@pytest.fixture
def double(doubles):
    """The long-lived one with macOS 26."""
    return doubles(26)


@pytest.fixture
def fresh():
    """Makes doubles for tests that change what others rely on: fresh(profile=26, boot=False, knob=value...)."""
    made = []

    def make(*args, **knobs):
        made.append(harness.Double(*args, **knobs))
        return made[-1]

    yield make
    for item in made:
        item.close()
