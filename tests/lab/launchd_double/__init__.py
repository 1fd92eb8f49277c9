# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""launchd for a simulated Mac: a supervising daemon and its launchctl, for Linux.

The rooms, from the inside out:

* ``darwin``, ``profiles``, ``texts``: data: Darwin numbers and words, what differs per macOS release
* ``definition``, ``job``, ``domains``, ``disabled``, ``accounts``: what is known; no processes
* ``printer``, ``listing``: the words of ``print`` and ``list``; pure
* ``spawn``, ``supervisor``: processes
* ``loop``, ``server``, ``record``: the event loop, the sockets, the logs
* ``commands``: one function per launchctl subcommand
* ``faults``, ``knobs``, ``control``: how the controlling side bends all of the above
* ``machine``: puts them together; ``__main__``, ``launchctl``, ``ctl``: the programs
"""
