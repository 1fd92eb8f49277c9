# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154  # the lab sets what Takes names
# What: a relay on the LAN address passes the Gateway's port on, started for one afternoon.
# Takes: port=18789 user=admin
address=$(/sbin/ifconfig en0 | sed -n 's/.*inet \([0-9.]*\).*/\1/p')
install -d /Users/Shared
cat > /Users/Shared/relay.py <<'PYTHON'
import os, socket, sys, threading
def pump(one, other):
    try:
        while data := one.recv(65536):
            other.sendall(data)
    except OSError:
        pass
    other.close()
door = socket.socket()
door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
door.bind((sys.argv[1], int(sys.argv[2])))
door.listen(16)
# Whoever started it goes on once the port is open.
if os.fork():
    os._exit(0)
os.setsid()
while True:
    guest = door.accept()[0]
    inner = socket.create_connection(("127.0.0.1", int(sys.argv[2])))
    for pair in ((guest, inner), (inner, guest)):
        threading.Thread(target=pump, args=pair, daemon=True).start()
PYTHON
sudo -u "$user" /usr/bin/python3 /Users/Shared/relay.py "$address" "$port" </dev/null >/dev/null 2>&1
