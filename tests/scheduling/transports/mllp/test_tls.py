"""TLS with client certificates, on certificates made by openssl for the test."""

import shutil
import ssl
import subprocess

import pytest

from scheduling.transports.errors import TransportSettingsError
from scheduling.transports.mllp.settings import ListenerSettings, read_settings
from scheduling.transports.mllp.tls import tls_context
from tests.scheduling.transport_cast import running_listener, siu


@pytest.fixture(scope="module")
def papers(tmp_path_factory):
    """An authority, a listener's and a sender's certificate signed by it, and a stranger's signed by itself."""
    assert shutil.which("openssl"), "these tests need the openssl program"
    folder = tmp_path_factory.mktemp("papers")

    def openssl(*arguments):
        subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)

    def self_signed(name):
        subject = ("-subj", f"/CN={name}", "-days", "2", "-keyout", f"{name}.key", "-out", f"{name}.pem")
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", *subject)

    def signed(name):
        key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", f"{name}.key")
        openssl("req", *key, "-subj", f"/CN={name}", "-addext", "subjectAltName=DNS:localhost", "-out", f"{name}.csr")
        authority = ("-CA", "authority.pem", "-CAkey", "authority.key", "-CAcreateserial", "-copy_extensions", "copy")
        openssl("x509", "-req", "-in", f"{name}.csr", *authority, "-days", "2", "-out", f"{name}.pem")

    self_signed("authority")
    self_signed("stranger")
    signed("listener")
    signed("sender")
    return folder


def client_context(papers, name=""):
    context = ssl.create_default_context(cafile=papers / "authority.pem")
    if name:
        context.load_cert_chain(papers / f"{name}.pem", papers / f"{name}.key")
    return context


@pytest.fixture
def secured(papers):
    return {
        "tls_cert": str(papers / "listener.pem"),
        "tls_key": str(papers / "listener.key"),
        "tls_client_ca": str(papers / "authority.pem"),
    }


@pytest.mark.django_db(transaction=True)
def test_sender_with_a_certificate_of_the_authority_is_served(make_feed, line, papers, secured):
    make_feed()

    with running_listener(**secured) as listener:
        assert line(listener, client_context(papers, "sender")).exchange(siu("M1")) == ("AA", "M1")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", ["", "stranger"])
def test_sender_without_such_a_certificate_is_not(make_feed, line, papers, secured, name):
    make_feed()

    with running_listener(**secured) as listener, pytest.raises((ssl.SSLError, ConnectionError, TypeError)):
        # TLS 1.3 tells the client only when it reads.
        _code, _ = line(listener, client_context(papers, name)).exchange(siu("M1"))


def test_no_certificate_means_plain_tcp():
    assert tls_context(ListenerSettings()) is None


@pytest.mark.parametrize(
    ("environ", "sentence"),
    [
        ({"MLLP_TLS_CERT": "a.pem"}, "MLLP_TLS_CERT and MLLP_TLS_KEY must be given together."),
        ({"MLLP_TLS_CLIENT_CA": "a.pem"}, "MLLP_TLS_CLIENT_CA needs MLLP_TLS_CERT and MLLP_TLS_KEY."),
        ({"MLLP_PORT": "x"}, "MLLP_PORT must be a number above 0 and at most 65,535, not 'x'."),
        ({"MLLP_IDLE_SECONDS": "0"}, "MLLP_IDLE_SECONDS must be a number above 0 and at most 1,000,000, not '0'."),
    ],
)
def test_settings_that_cannot_be_used_are_named(environ, sentence):
    with pytest.raises(TransportSettingsError) as caught:
        read_settings(environ)

    assert str(caught.value) == sentence


def test_missing_certificate_is_one_sentence(tmp_path):
    settings = ListenerSettings(tls_cert=str(tmp_path / "none.pem"), tls_key=str(tmp_path / "none.key"))

    with pytest.raises(TransportSettingsError, match="cannot be used: No such file"):
        tls_context(settings)
