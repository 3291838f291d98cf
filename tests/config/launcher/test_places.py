"""Choosing folders: short socket paths, private folders, folders of other people left alone."""

import os
import stat
from pathlib import Path

import pytest

from config.launcher.identity import ServerUser
from config.launcher.places import LONGEST_SOCKET_NAME, choose_home, choose_sockets, create_data_dir, create_private
from config.launcher.problems import LaunchError

SELF = ServerUser(os.geteuid(), os.getegid(), switches=False)


@pytest.mark.parametrize(
    ("extra", "beside_the_data"),
    [(0, True), (1, False)],
    ids=["107 bytes fit", "108 bytes do not"],
)
def test_sockets_move_to_a_short_folder_when_the_path_is_too_long(tmp_path, extra, beside_the_data):
    room = 107 - LONGEST_SOCKET_NAME - len("/run") - len(os.fsencode(tmp_path)) - 1
    home = tmp_path / ("x" * (room + extra))
    home.mkdir()

    sockets = choose_sockets(home, SELF, digest=f"test{os.getpid()}")

    assert (sockets == home / "run") is beside_the_data
    assert stat.S_IMODE(sockets.stat().st_mode) == 0o700
    assert len(os.fsencode(sockets)) + LONGEST_SOCKET_NAME <= 107
    sockets.rmdir()


def test_a_private_folder_is_found_again(tmp_path):
    create_private(tmp_path / "run", SELF)
    create_private(tmp_path / "run", SELF)

    assert stat.S_IMODE((tmp_path / "run").stat().st_mode) == 0o700


def leave_open(path: Path) -> None:
    path.mkdir()
    path.chmod(0o755)


def leave_link(path: Path) -> None:
    (path.parent / "elsewhere").mkdir(mode=0o700)
    path.symlink_to(path.parent / "elsewhere")


@pytest.mark.parametrize("put", [leave_open, leave_link, Path.touch], ids=["open folder", "link", "file"])
def test_a_folder_somebody_else_put_there_is_refused_and_left_alone(tmp_path, put):
    put(tmp_path / "run")
    before = (tmp_path / "run").lstat()

    with pytest.raises(LaunchError) as refused:
        create_private(tmp_path / "run", SELF)

    assert str(refused.value) == f"{tmp_path / 'run'} is not a private folder of the server's user; remove it first."
    after = (tmp_path / "run").lstat()
    assert (after.st_mode, after.st_uid) == (before.st_mode, before.st_uid)


def test_a_data_folder_that_cannot_be_made_is_one_sentence(tmp_path):
    (tmp_path / "file").touch()
    data_dir = tmp_path / "file" / "data"

    with pytest.raises(LaunchError) as refused:
        create_data_dir(data_dir)

    assert str(refused.value) == f"Cannot write to {data_dir}; choose another folder with DATA_DIR=/path/to/folder."


def test_the_mode_of_an_existing_data_folder_is_not_changed(tmp_path):
    tmp_path.chmod(0o750)

    create_data_dir(tmp_path)

    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o750


def test_a_home_that_holds_data_is_kept_even_when_another_would_be_chosen_now(tmp_path):
    (tmp_path / "own" / "postgres").mkdir(parents=True)

    assert choose_home(SELF, [tmp_path, tmp_path / "own"]) == tmp_path / "own"


def test_a_home_the_user_can_pass_is_preferred(tmp_path):
    assert choose_home(SELF, [tmp_path, tmp_path / "own"]) == tmp_path
    assert not (tmp_path / "own").exists()


def test_a_home_the_user_cannot_pass_is_replaced_by_an_own_one(tmp_path):

    home = choose_home(SELF, [tmp_path / "missing", tmp_path / "own"])

    assert home == tmp_path / "own"
    assert stat.S_IMODE(home.stat().st_mode) == 0o711
