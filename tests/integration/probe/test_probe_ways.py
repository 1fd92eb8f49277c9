# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ways to a real Gateway that begin on its own host."""
import contextlib
import datetime
import ipaddress
import os
import pwd
import socket
import ssl
import threading
import time

import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils._gateway import exposure
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from real_gateway import TOKEN, RealGateway, run_module

RELEASES = ("2026.7.1", "2026.9.6")
PATIENCE = 180.0
OTHER = "another-token-0123456789abcdef"
#: From where the tests' proxy says that its clients come.
AFAR = {"X-Forwarded-For": "203.0.113.7"}


def pump(source, sink):
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
    with contextlib.suppress(OSError):
        sink.shutdown(socket.SHUT_WR)


def certificate(folder, name, days=1):
    """A self-signed certificate for a name; returns the path of the file with it and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.oid.NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.timezone.utc)
    names = [x509.DNSName("localhost") if name == "localhost" else x509.IPAddress(ipaddress.ip_address(name))]
    made = (x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
            .serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(days=9))
            .not_valid_after(now + datetime.timedelta(days=days))
            .add_extension(x509.SubjectAlternativeName(names), False).sign(key, hashes.SHA256()))
    path = folder / ("%s-%d.pem" % (name, days))
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM) + key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    return path


@contextlib.contextmanager
def ingress(port, pem=None, host="127.0.0.1"):
    """A proxy before the Gateway, with TLS where it has a certificate; yields its port."""
    context = None
    if pem:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pem)

    def serve(client):
        with contextlib.suppress(OSError):
            client = context.wrap_socket(client, server_side=True) if context else client
            with client, socket.create_connection(("127.0.0.1", port), 10) as server:
                back = threading.Thread(target=pump, args=(server, client), daemon=True)
                back.start()
                pump(client, server)
                back.join(10)

    def accept(listener):
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()

    with socket.create_server((host, 0)) as listener:
        threading.Thread(target=accept, args=(listener,), daemon=True).start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)


@pytest.fixture(scope="module", params=RELEASES)
def release(request, tmp_path_factory):
    gateway = RealGateway(tmp_path_factory.mktemp("paths") / "home", request.param)
    start(gateway)
    yield gateway
    gateway.stop()


def start(gateway, environment=None, **config):
    """Start it anew with a configuration and further variables."""
    gateway.stop()
    gateway.environment = environment or {}
    gateway.configure(**dict({"auth": {"mode": "token", "token": TOKEN}}, **config))
    gateway.start()


def probe(gateway, collections, *paths, **options):
    result, text = run_module(collections, state_dir=str(gateway.state_dir), port=gateway.port, wait_for="ready",
                              timeout=PATIENCE, paths=list(paths), **options)
    assert "paths" in result, text
    assert TOKEN not in text and OTHER not in text
    return result


def told(result, name):
    one = result["paths"][name]
    return one["state"], one["code"]


def test_every_way_that_is_right(release, collections):
    start(release, trustedProxies=["127.0.0.1"])
    result = probe(
        release, collections,
        {"kind": "loopback", "expect": ["tcp", "live", "ready", "auth", "scope", "rpc"]}, {"kind": "self"},
        {"kind": "lan"},
        {"kind": "container", "url": "http://localhost:%d" % release.port},
        {"kind": "loopback_forced_host", "host_header": "gateway.example.com"},
        {"name": "forwarded", "kind": "loopback_forced_host", "host_header": "gateway.example.com", "headers": AFAR},
        expect=["paths"])
    assert not result["failed"], result["failure"]
    assert {name: one["state"] for name, one in result["paths"].items()} == dict.fromkeys(
        ("loopback", "self", "lan", "container", "loopback_forced_host", "forwarded"), "healthy")
    assert all(one["verdicts"]["auth"]["verdict"] == "ok" for name, one in result["paths"].items() if name != "lan")


def test_forwarded_by_a_proxy_that_is_not_trusted(release, collections):
    """2026.9 refuses it, older releases take the scopes away. Either is what a host without a proxy has to do."""
    start(release)
    way = {"kind": "loopback_forced_host", "host_header": "gateway.example.com", "headers": AFAR,
           "expect": ["tcp", "live", "ready", "auth", "scope"]}
    codes = ["proxy_attribution_required", "MISSING_SCOPE"]
    result = probe(release, collections, way, dict(way, name="must not", refusal=codes))
    assert result["paths"]["loopback_forced_host"]["code"] in codes
    assert told(result, "must not") == ("healthy", None) and "refused" in result["paths"]["must not"]["reason"]
    # A way that must be refused and is not is the worst there is.
    result = probe(release, collections, dict(way, headers={}, refusal=codes), expect=["paths"])
    assert told(result, "loopback_forced_host") == ("exposed", "not_refused")
    assert result["failed"] and result["failure"]["code"] == "not_refused" and result["state"] == "exposed"


def test_with_the_origin_of_the_ingress(release, collections, tmp_path):
    pem = certificate(tmp_path, "localhost")
    with ingress(release.port, pem) as port:
        url = "https://localhost:%d" % port
        start(release, controlUi={"allowedOrigins": [url]})
        way = {"kind": "advertised", "ca_path": str(pem)}
        foreign = {"kind": "loopback_forced_host", "host_header": "localhost", "origin": "https://foreign.example"}
        result = probe(release, collections, way, foreign, {"name": "not trusted", "kind": "advertised", "url": url})
        assert told(result, "advertised") == ("healthy", None), result["paths"]["advertised"]
        assert result["paths"]["advertised"]["to"] == url
        assert told(result, "loopback_forced_host") == ("locked_out", "CONTROL_UI_ORIGIN_NOT_ALLOWED")
        assert told(result, "not trusted") == ("unreachable", "tls_untrusted")
        assert (result["state"], result["path"]) == ("unreachable", "not trusted")


@pytest.mark.parametrize("name, days, host", [("localhost", -1, "localhost"), ("127.0.0.1", 1, "localhost")],
                         ids=["expired", "of another name"])
def test_a_certificate_that_is_wrong(release, collections, tmp_path, name, days, host):
    pem = certificate(tmp_path, name, days)
    with ingress(release.port, pem) as port:
        result = probe(release, collections, {
            "kind": "advertised", "url": "https://%s:%d" % (host, port), "ca_path": str(pem)})
    assert told(result, "advertised") == ("unreachable", "tls_untrusted")
    assert result["paths"]["advertised"]["verdicts"]["auth"]["verdict"] == "skipped"


def test_advertised_but_nothing_or_somebody_else_is_there(release, collections):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    result = probe(release, collections, {"kind": "advertised", "url": "http://localhost:%d" % port},
                   {"name": "no TLS", "kind": "advertised", "url": "https://127.0.0.1:%d" % release.port})
    assert told(result, "advertised") == ("down", "connection_refused")
    assert told(result, "no TLS") == ("unreachable", "tls_failed")


def test_lan_turns_red_when_somebody_binds_there(release, collections):
    own = next((address for address in exposure.addresses() if ":" not in address), None)
    if own is None:
        pytest.skip("this machine has no address but loopback")
    with socket.create_server((own, release.port)):
        result = probe(release, collections, {"kind": "lan"}, expect=["paths"])
    assert told(result, "lan") == ("exposed", "port_open") and own in result["paths"]["lan"]["reason"]
    assert result["failed"] and result["failure"]["layer"] == "network" and result["failure"]["path"] == "lan"


@pytest.mark.parametrize("environment, auth, expected", [
    ({"OPENCLAW_GATEWAY_TOKEN": TOKEN}, {"mode": "token"}, ("healthy", None)),
    ({"MY_TOKEN": TOKEN}, {"mode": "token", "token": "${MY_TOKEN}"}, ("healthy", None)),
    ({}, {"mode": "token"}, ("locked_out", "self_nothing")),
    ({"OPENCLAW_GATEWAY_TOKEN": OTHER, "OPENCLAW_SERVICE_KIND": "gateway"}, {"mode": "token", "token": TOKEN},
     ("healthy", None)),
], ids=["variable", "reference", "nothing", "stale variable of a service"])
def test_self_is_what_the_process_sees(release, collections, environment, auth, expected):
    start(release, environment, auth=auth)
    result = probe(release, collections, {"kind": "self"}, token=TOKEN)
    assert told(result, "self") == expected, result["paths"]["self"]


def test_self_with_a_stale_variable(release, collections):
    """Up to 2026.7 a command asks the variable first, and is locked out though Gateway and file agree."""
    start(release, {"OPENCLAW_GATEWAY_TOKEN": OTHER})
    result = probe(release, collections, {"kind": "self"})
    assert result["verdicts"]["auth"]["verdict"] == "ok"
    older = release.version < "2026.8"
    assert told(result, "self") == (("locked_out", "AUTH_TOKEN_MISMATCH") if older else ("healthy", None))


def test_self_follows_the_process_to_another_configuration(release, collections, tmp_path):
    own = tmp_path / "elsewhere"
    own.mkdir(mode=0o700)
    start(release, {"OPENCLAW_CONFIG_PATH": str(own / "openclaw.json")})
    (own / "openclaw.json").write_text(release.config.read_text().replace(TOKEN, OTHER))
    (own / "openclaw.json").chmod(0o600)
    release.stop()
    release.start()
    result = probe(release, collections, {"kind": "self"})
    assert (result["verdicts"]["auth"]["code"], told(result, "self")) == ("AUTH_TOKEN_MISMATCH", ("healthy", None))


def test_without_a_gateway_no_way_is_walked_further_than_the_port(release, collections):
    release.stop()
    began = time.monotonic()
    result, _text = run_module(collections, state_dir=str(release.state_dir), port=release.port, paths=[
        {"kind": "loopback"}, {"kind": "self"}, {"kind": "loopback_forced_host", "host_header": "h"}])
    assert time.monotonic() - began < 10 and result["state"] == "down"
    for name in ("loopback", "loopback_forced_host", "self"):
        assert result["paths"][name]["verdicts"]["live"]["verdict"] == "skipped", name


@pytest.mark.parametrize("paths, words", [
    ([{"kind": "self"}, {"kind": "self"}], "two paths are called self"),
    ([{"kind": "container"}], "path container needs 'url'"),
    ([{"kind": "advertised", "url": "https://user:secret@gateway.example.com/x"}], "'url' must be http"),
    ([{"kind": "loopback_forced_host", "host_header": "h", "headers": {"A": "b\r\nC: d"}}], "more than one line"),
])
def test_paths_that_make_no_sense(collections, paths, words):
    result, text = run_module(collections, user=pwd.getpwuid(os.getuid()).pw_name, port=1, paths=paths)
    assert result["failed"] and result["failure"]["code"] == "option_invalid" and words in result["failure"]["message"]
    assert "secret" not in result["failure"]["message"], text
