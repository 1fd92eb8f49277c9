# SPDX-License-Identifier: GPL-3.0-or-later
"""refused.py HOST PORT: ends with 0 when the port refuses a connection, and only then."""
import socket
import sys

try:
    socket.create_connection((sys.argv[1], int(sys.argv[2])), timeout=5)
except ConnectionRefusedError:
    sys.exit(0)
sys.exit("%s:%s does not refuse" % tuple(sys.argv[1:3]))
