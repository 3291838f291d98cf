"""The embedded servers themselves: started, killed, started again, stopped; as root and as an ordinary user."""

import os
import signal
import stat
import threading
from pathlib import Path

import psycopg
import pytest
from redis import Redis

from config.launcher.options import Options
from config.launcher.places import find_places
from config.launcher.postgres import postmaster_pid
from config.launcher.problems import LaunchError
from config.launcher.redis_server import pid_path
from config.launcher.servers import delete_data, ensure_servers, hold_servers, is_in_use, stop_servers


def modes(folder: Path) -> dict[Path, tuple[int, int]]:
    """Mode and owner of a folder, of all above it and of what is directly inside it."""
    paths = [folder, *folder.parents, *folder.iterdir()]
    return {path: (stat.S_IMODE(path.lstat().st_mode), path.lstat().st_uid) for path in paths if path.exists()}


def kill_servers(options: Options) -> None:
    """End both servers as a power cut would."""
    places = find_places(options.data_dir)
    postgres = postmaster_pid(places)
    assert postgres is not None
    for pid in (postgres, int(pid_path(places).read_text())):
        os.kill(pid, signal.SIGKILL)


def write(options: Options) -> None:
    found = ensure_servers(options)
    with psycopg.connect(found.owner_url) as owner:
        owner.execute("CREATE TABLE kept (word text)")
    with psycopg.connect(found.database_url) as app:
        app.execute("INSERT INTO kept VALUES ('über')")
    Redis.from_url(found.redis_url).set("kept", "yes")


def read_back(options: Options) -> None:
    found = ensure_servers(options)
    with psycopg.connect(found.database_url) as app:
        assert app.execute("SELECT word, upper(word) FROM kept").fetchall() == [("über", "ÜBER")]
    assert Redis.from_url(found.redis_url).get("kept") == b"yes"


def look_at_folders(options: Options) -> None:
    places = find_places(options.data_dir)
    found = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (places.postgres, places.redis, places.sockets)}
    assert set(found.values()) == {0o700}
    assert {path.stat().st_uid for path in (places.postgres, places.redis, places.sockets)} == {places.user.uid}
    assert places.user.uid != 0
    assert stat.S_IMODE((options.data_dir / "keys.json").stat().st_mode) == 0o600


def test_unprivileged_servers_keep_what_was_written_through_a_kill(ground):
    parent = ground.options.data_dir.parent
    before = modes(parent)

    ground.run(write)
    ground.run(look_at_folders)
    ground.run(kill_servers)
    ground.run(read_back)

    after = modes(parent)
    assert {path: after[path] for path in before} == before


def leave_stale_pid(options: Options) -> None:
    places = find_places(options.data_dir)
    (places.postgres / "postmaster.pid").write_text(f"{os.getpid()}\n{places.postgres}\n")
    read_back(options)


def stop(options: Options) -> None:
    assert stop_servers(options, only_if_unused=False) == ["Redis", "PostgreSQL"]
    assert stop_servers(options, only_if_unused=False) == []


def test_a_pid_file_that_names_a_stranger_does_not_keep_the_server_down(ground):
    ground.run(write)
    ground.run(stop)
    ground.run(leave_stale_pid)


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE mine (id int)",
        "CREATE SCHEMA mine",
        "CREATE DATABASE mine",
        "TRUNCATE facts",
        "DROP TABLE facts",
        "ALTER TABLE facts DISABLE TRIGGER ALL",
        "SET ROLE desk_owner",
    ],
)
def test_the_app_role_owns_nothing(found, statement):
    with psycopg.connect(found.owner_url) as owner:
        owner.execute("CREATE TABLE IF NOT EXISTS facts (id int)")

    with (
        psycopg.connect(found.database_url, autocommit=True) as app,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        app.execute(statement)


def test_the_app_role_may_stage_rows_in_temporary_tables(found):
    with psycopg.connect(found.database_url) as app:
        app.execute("CREATE TEMP TABLE staging (id int) ON COMMIT DROP")

        assert app.execute("SELECT count(*) FROM staging").fetchone() == (0,)


def test_a_test_database_has_the_same_grants(found):
    with psycopg.connect(found.owner_url, autocommit=True) as owner:
        owner.execute("CREATE DATABASE test_grants")
    with psycopg.connect(found.owner_url.replace("/recovery_desk", "/test_grants")) as owner:
        owner.execute("CREATE TABLE facts (id int)")
        owner.execute("SET ROLE desk_app")

        owner.execute("INSERT INTO facts VALUES (1)")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            owner.execute("TRUNCATE facts")


def test_a_wrong_password_is_refused(found):
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(found.database_url.replace("desk_app:", "desk_app:not"))


def test_commands_that_start_together_share_one_server(data_options):
    answers = []
    threads = [threading.Thread(target=lambda: answers.append(ensure_servers(data_options))) for _ in range(3)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(answers) == 3
    assert len(set(answers)) == 1
    assert stop_servers(data_options, only_if_unused=True) == ["Redis", "PostgreSQL"]


def test_servers_in_use_stay_up_until_the_last_user_leaves(data_options):
    with hold_servers(data_options.data_dir):
        ensure_servers(data_options)

        with pytest.raises(LaunchError) as refused:
            stop_servers(data_options, only_if_unused=True)

    assert str(refused.value) == (
        "Another command still uses the embedded servers, so they stay up; `make stop` stops them."
    )
    assert is_in_use(data_options.data_dir) is False
    assert stop_servers(data_options, only_if_unused=True) == ["Redis", "PostgreSQL"]


def test_deleting_the_data_leaves_nothing_behind(data_options):
    folder = data_options.data_dir.parent
    write(data_options)

    delete_data(data_options)

    assert list(folder.iterdir()) == []
