"""The configuration that the embedded PostgreSQL gets."""

import os
from pathlib import Path

import pytest

from config.launcher.identity import ServerUser
from config.launcher.places import Places
from config.launcher.postgres_conf import render, settings, shared_memory_type

PLACES = Places(
    data_dir=Path("/d"),
    home=Path("/d"),
    sockets=Path("/d/it's/run"),
    user=ServerUser(os.geteuid(), os.getegid(), switches=False),
)


@pytest.mark.parametrize(
    ("memory_mib", "buffers"),
    [(256, "128MB"), (2048, "512MB"), (64_000, "1024MB")],
    ids=["never under 128 MB", "a quarter", "never over 1 GB"],
)
def test_shared_buffers_follow_the_memory(memory_mib, buffers):
    assert settings(PLACES, memory_mib=memory_mib)["shared_buffers"] == buffers


def test_values_are_quoted_and_local_settings_come_last():
    lines = render(PLACES, memory_mib=2048).splitlines()

    assert "unix_socket_directories = '/d/it''s/run'" in lines
    assert lines[-1] == "include 'local.conf'"


def test_nothing_listens_on_the_network_and_nothing_is_lost_in_a_crash():
    chosen = settings(PLACES, memory_mib=2048)

    assert (chosen["listen_addresses"], chosen["fsync"]) == ("", "on")


def test_a_machine_without_dev_shm_maps_files_instead():
    assert shared_memory_type(Path("/no/such/mount")) == "mmap"
