# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Debian's Chromium, driven by its DevTools protocol over a pipe: no port, no driver, nothing to install beside it."""
import base64
import contextlib
import fcntl
import json
import os
import select
import shutil
import subprocess
import time

FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
    "--hide-scrollbars", "--mute-audio", "--proxy-server=127.0.0.1:9", "--remote-debugging-pipe",
)
DESKTOP, PHONE = (1280, 900), (320, 640)
#: Keys that move or act: name -> what the protocol wants of them.
KEYS = {
    "Tab": {"windowsVirtualKeyCode": 9}, "Enter": {"windowsVirtualKeyCode": 13, "text": "\r"},
    "Escape": {"windowsVirtualKeyCode": 27}, " ": {"windowsVirtualKeyCode": 32, "text": " ", "code": "Space"},
    "ArrowDown": {"windowsVirtualKeyCode": 40},
}


class BrowserError(AssertionError):
    """The page or the browser said no."""


class Browser:
    """One process. Nothing of it is left when the context ends."""

    def __init__(self, profile):
        binary = shutil.which("chromium") or shutil.which("chromium-browser")
        if not binary:
            raise BrowserError("no chromium here; run tests/tools/bootstrap test")
        # The browser reads descriptor 3 and writes descriptor 4. Ours lie high, so that neither is in the other's way.
        ends = os.pipe() + os.pipe()
        theirs_in, self._out, self._in, theirs_out = (fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 20) for end in ends)
        for end in ends:
            os.close(end)
        self.process = subprocess.Popen(
            ["bash", "-c", 'exec "$0" "$@" 3<&%d 4>&%d' % (theirs_in, theirs_out), binary, *FLAGS,
             "--user-data-dir=%s" % profile, "about:blank"],
            pass_fds=(theirs_in, theirs_out),
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        os.close(theirs_in)
        os.close(theirs_out)
        self._buffer, self._number, self._events = b"", 0, []

    def close(self):
        with contextlib.suppress(BrowserError, OSError):
            self.call("Browser.close")
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        os.close(self._in)
        os.close(self._out)

    def call(self, method, session=None, seconds=60, **params):
        """Send one command and return its result; events that come meanwhile are kept for :meth:`events`."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": params}
        if session:
            message["sessionId"] = session
        self._send(message)
        deadline = time.monotonic() + seconds
        while True:
            said = self._read(deadline)
            if said is None:
                raise BrowserError("%s: no answer within %s s" % (method, seconds))
            if said.get("id") == self._number:
                if "error" in said:
                    raise BrowserError("%s: %s" % (method, said["error"]["message"]))
                return said["result"]
            self._events.append(said)

    def _send(self, message):
        content = json.dumps(message).encode() + b"\0"
        while content:
            content = content[os.write(self._out, content):]

    def _read(self, deadline):
        while b"\0" not in self._buffer:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self._in], [], [], left)[0]:
                return None
            some = os.read(self._in, 1 << 20)
            if not some:
                raise BrowserError("the browser has ended with %s" % self.process.poll())
            self._buffer += some
        message, _zero, self._buffer = self._buffer.partition(b"\0")
        return json.loads(message)

    def events(self, session):
        """Return the events of one page that have come so far."""
        return [said for said in self._events if said.get("sessionId") == session]

    def wait(self, session, method, seconds=30):
        """Wait for an event of one page."""
        deadline = time.monotonic() + seconds
        while not any(said["method"] == method for said in self.events(session)):
            said = self._read(deadline)
            if said is None:
                raise BrowserError("no %s within %s s" % (method, seconds))
            self._events.append(said)

    @contextlib.contextmanager
    def page(self, path, size=DESKTOP, theme="light", script=True):
        """Open a file in a context of its own, with the network away; fail for any error that the page reports."""
        context = self.call("Target.createBrowserContext")["browserContextId"]
        target = self.call("Target.createTarget", url="about:blank", browserContextId=context)["targetId"]
        session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        page = Page(self, session)
        for domain in ("Page", "Runtime", "Log", "Network"):
            page.call(domain + ".enable")
        speed = {"latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
        page.call("Network.emulateNetworkConditions", offline=True, **speed)
        page.call("Emulation.setScriptExecutionDisabled", value=not script)
        width, height = size
        page.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        page.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": theme}])
        page.call("Page.navigate", url=path.resolve().as_uri())
        self.wait(session, "Page.loadEventFired")
        try:
            yield page
            page.check()
        finally:
            self.call("Target.disposeBrowserContext", browserContextId=context)
            self._events = [said for said in self._events if said.get("sessionId") != session]


class Page:
    """One page of the browser."""

    def __init__(self, browser, session):
        self.browser, self.session = browser, session

    def call(self, method, **params):
        return self.browser.call(method, self.session, **params)

    def run(self, expression):
        """Return the value of an expression of JavaScript, awaited."""
        how = {"awaitPromise": True, "returnByValue": True, "userGesture": True}
        done = self.call("Runtime.evaluate", expression=expression, **how)
        if "exceptionDetails" in done:
            raise BrowserError(json.dumps(done["exceptionDetails"])[:2000])
        return done["result"].get("value")

    def until(self, expression, seconds=10):
        """Wait until an expression is true."""
        deadline = time.monotonic() + seconds
        while not self.run(expression):
            if time.monotonic() > deadline:
                raise BrowserError("never true: %s" % expression)
            time.sleep(0.02)

    def press(self, key, times=1):
        """Press a key as a person does."""
        for _once in range(times):
            more = KEYS[key]
            self.call("Input.dispatchKeyEvent", type="keyDown", key=key, **{"code": key, **more})
            self.call("Input.dispatchKeyEvent", type="keyUp", key=key, code=more.get("code", key))

    def type(self, text):
        self.call("Input.insertText", text=text)

    def paste(self):
        """Paste from the clipboard, as Control and V do."""
        self.call("Input.dispatchKeyEvent", type="keyDown", key="v", code="KeyV", modifiers=2, commands=["paste"])
        self.call("Input.dispatchKeyEvent", type="keyUp", key="v", code="KeyV", modifiers=2)

    def click(self, selector):
        """Click with the mouse where an element is, wherever it is on the page."""
        # What still moves would be somewhere else by the time of the click.
        x, y = self.run(
            "Promise.all(document.getAnimations().map(one => one.finished)).then(() => {"
            " const e = document.querySelector(%s); e.scrollIntoView({block: 'center'});"
            " const b = e.getBoundingClientRect(); return [b.x + b.width / 2, b.y + b.height / 2]; })"
            % json.dumps(selector))
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def screenshot(self, path, whole=False):
        data = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=whole)["data"]
        path.write_bytes(base64.b64decode(data))

    def faults(self):
        """Return what the page complained about: errors, exceptions, refused content; and every request it made."""
        said = []
        for event in self.browser.events(self.session):
            params = event.get("params") or {}
            if event["method"] == "Runtime.exceptionThrown":
                said.append(params["exceptionDetails"].get("exception", {}).get("description", "exception"))
            elif event["method"] == "Runtime.consoleAPICalled" and params["type"] in ("error", "warning"):
                said.append(str(params["args"]))
            elif event["method"] == "Log.entryAdded" and params["entry"]["level"] in ("error", "warning"):
                said.append(params["entry"]["text"])
            elif event["method"] == "Network.requestWillBeSent":
                url = params["request"]["url"]
                if not url.startswith(("file:", "data:")):
                    said.append("asks for %s" % url)
        return said

    def check(self):
        """Raise where the page complained about anything."""
        if self.faults():
            raise BrowserError("\n".join(self.faults())[:4000])
