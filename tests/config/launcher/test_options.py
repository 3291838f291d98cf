"""Reading the environment: what is taken, what is refused, and with which sentence."""

import socket
from pathlib import Path

import pytest

from config.launcher.options import CHECKOUT, Options, check_port, read_options
from config.launcher.problems import LaunchError


def test_an_empty_environment_gives_the_documented_defaults():
    assert read_options({}) == Options(
        host="127.0.0.1",
        port=8000,
        mllp_port=2575,
        data_dir=CHECKOUT / ".data",
        demo=True,
        database_url=None,
        owner_url=None,
        redis_url=None,
    )


def test_every_option_is_taken_from_the_environment():
    environ = {
        "BIND": "0.0.0.0",
        "PORT": "8080",
        "MLLP_PORT": "6661",
        "DATA_DIR": "/srv/desk",
        "DEMO": "0",
        "DATABASE_URL": "postgres://a",
        "DATABASE_OWNER_URL": "postgres://b",
        "REDIS_URL": "redis://c",
    }

    assert read_options(environ) == Options(
        host="0.0.0.0",
        port=8080,
        mllp_port=6661,
        data_dir=Path("/srv/desk"),
        demo=False,
        database_url="postgres://a",
        owner_url="postgres://b",
        redis_url="redis://c",
    )


@pytest.mark.parametrize("text", ["0", "65536", "-1", "http", "8000.0", "٨٠٠٠"])
def test_a_port_that_is_none_is_refused_by_name(text):
    with pytest.raises(LaunchError) as refused:
        read_options({"PORT": text})

    assert str(refused.value) == f"PORT must be a number from 1 to 65535, not {text!r}."


@pytest.mark.parametrize(("text", "port"), [("1", 1), ("65535", 65535), ("", 8000)])
def test_a_port_at_the_edge_is_taken(text, port):
    assert read_options({"PORT": text}).port == port


@pytest.mark.parametrize(
    ("text", "demo"),
    [("1", True), ("yes", True), ("", True), ("0", False), ("OFF", False), ("false", False)],
)
def test_demo_reads_the_usual_words(text, demo):
    assert read_options({"DEMO": text}).demo is demo


def test_a_word_that_is_no_switch_is_refused():
    with pytest.raises(LaunchError) as refused:
        read_options({"DEMO": "maybe"})

    assert str(refused.value) == "DEMO must be 0 or 1, not 'maybe'."


def test_a_taken_port_is_one_sentence_with_a_way_out():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        with pytest.raises(LaunchError) as refused:
            check_port("127.0.0.1", port, name="MLLP_PORT")

    assert str(refused.value) == f"Port {port} is taken; stop what uses it or choose another with MLLP_PORT={port + 1}."


def test_a_free_port_passes_and_stays_free():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]

    check_port("127.0.0.1", port, name="PORT")

    socket.create_server(("127.0.0.1", port)).close()


def test_a_host_of_another_machine_is_refused():
    with pytest.raises(LaunchError) as refused:
        check_port("192.0.2.1", 8000, name="PORT")

    assert str(refused.value) == (
        "Cannot listen on 192.0.2.1 port 8000 (Cannot assign requested address); check BIND and PORT."
    )


def test_an_address_may_stand_in_a_file(tmp_path):
    (tmp_path / "url").write_text("postgres://secret\n")

    assert read_options({"DATABASE_URL_FILE": str(tmp_path / "url")}).database_url == "postgres://secret"


def test_a_file_that_cannot_be_read_is_one_sentence():
    with pytest.raises(LaunchError) as refused:
        read_options({"REDIS_URL_FILE": "/no/such/file"})

    assert str(refused.value) == "REDIS_URL_FILE cannot be read: No such file or directory."
