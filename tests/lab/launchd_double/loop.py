# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An event loop: file descriptors, monotonic timers, signals. Sleeps until something happens."""

import contextlib
import heapq
import itertools
import os
import selectors
import signal
import time

now = time.monotonic


class Timer:
    """A pending call; cancel() is safe at any time."""

    __slots__ = ("callback", "when")

    def __init__(self, when, callback):
        self.when = when
        self.callback = callback

    def cancel(self):
        self.callback = None


class Loop:
    """One thread, no polling. *on_error* is called inside an except block when a callback raises."""

    def __init__(self, on_error):
        self._selector = selectors.DefaultSelector()
        self._timers = []
        self._order = itertools.count()
        self._signals = {}
        self._on_error = on_error
        self._running = False
        self._wake_read, self._wake_write = os.pipe()
        os.set_blocking(self._wake_read, False)
        os.set_blocking(self._wake_write, False)
        signal.set_wakeup_fd(self._wake_write, warn_on_full_buffer=False)
        self.watch(self._wake_read, self._woken)

    def watch(self, fd, on_read, on_write=None):
        """(Re)register *fd*; either callback may be None, both None forgets it."""
        events = (selectors.EVENT_READ if on_read else 0) | (selectors.EVENT_WRITE if on_write else 0)
        with contextlib.suppress(KeyError):
            self._selector.unregister(fd)
        if events:
            self._selector.register(fd, events, (on_read, on_write))

    def forget(self, fd):
        self.watch(fd, None)

    def later(self, seconds, callback):
        """Call *callback* once, *seconds* from now. Returns a Timer."""
        timer = Timer(now() + max(0.0, seconds), callback)
        heapq.heappush(self._timers, (timer.when, next(self._order), timer))
        return timer

    def on_signal(self, number, callback):
        self._signals[number] = callback
        signal.signal(number, _ignore)

    def _woken(self):
        seen = set()
        with contextlib.suppress(BlockingIOError):
            while True:
                seen.update(os.read(self._wake_read, 512))
        for number in seen:
            if number in self._signals:
                self._guard(self._signals[number])

    def _guard(self, callback):
        try:
            callback()
        except Exception:  # one bad callback must not end PID 1
            self._on_error()

    def _wait(self):
        while self._timers and self._timers[0][2].callback is None:
            heapq.heappop(self._timers)
        return max(0.0, self._timers[0][0] - now()) if self._timers else None

    def _fire(self):
        limit = now()
        while self._timers and self._timers[0][0] <= limit:
            timer = heapq.heappop(self._timers)[2]
            if timer.callback is not None:
                self._guard(timer.callback)

    def stop(self):
        self._running = False

    def run(self):
        self._running = True
        while self._running:
            for key, events in self._selector.select(self._wait()):
                on_read, on_write = key.data
                if events & selectors.EVENT_READ and on_read:
                    self._guard(on_read)
                if events & selectors.EVENT_WRITE and on_write:
                    self._guard(on_write)
            self._fire()


def _ignore(_number, _frame):
    """Only there so that the signal reaches the wakeup descriptor."""
