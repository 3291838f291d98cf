"""Keys: made once, different each time, never readable by others."""

import stat
from dataclasses import astuple

from config.launcher.keys import load_keys


def test_keys_are_made_once_and_read_afterwards(tmp_path):
    assert load_keys(tmp_path) == load_keys(tmp_path)


def test_keys_of_two_folders_share_nothing(tmp_path):
    for name in ("one", "two"):
        (tmp_path / name).mkdir()

    both = astuple(load_keys(tmp_path / "one")) + astuple(load_keys(tmp_path / "two"))

    assert len(set(both)) == 10
    assert min(len(key) for key in both) >= 32


def test_the_file_is_for_its_owner_alone(tmp_path):
    load_keys(tmp_path)

    assert [(path.name, stat.S_IMODE(path.stat().st_mode)) for path in tmp_path.iterdir()] == [("keys.json", 0o600)]
