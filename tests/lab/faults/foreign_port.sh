# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2154,SC2024  # the lab sets what Takes names
# What: a process of somebody else holds the Gateway's port, before or instead of the Gateway.
# Takes: port=18789 address=127.0.0.1 user=admin
sudo -u "$user" /usr/bin/python3 -IS - "$address" "$port" >/tmp/.foreign_port 2>&1 <<'PYTHON' &
import os, signal, socket, sys
listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
try:
    listener.bind((sys.argv[1], int(sys.argv[2])))
except OSError as error:
    print(error)
    sys.exit(1)
listener.listen(16)
if os.fork():
    os._exit(0)
os.setsid()
null = os.open("/dev/null", os.O_RDWR)
for fd in (0, 1, 2):
    os.dup2(null, fd)
while True:
    listener.accept()[0].close()
PYTHON
wait $! || { cat /tmp/.foreign_port >&2; exit 1; }
