"""Which address a management command gets."""

import pytest

from config.launcher.environment import prepare_command

NAMED = {"DATABASE_URL": "postgres://app", "DATABASE_OWNER_URL": "postgres://owner", "REDIS_URL": "redis://r"}


@pytest.mark.parametrize(
    ("command", "address"),
    [
        ("migrate", "postgres://owner"),
        ("desk_prepare", "postgres://owner"),
        ("makemigrations", "postgres://owner"),
        ("ledger", "postgres://app"),
        ("shell", "postgres://app"),
    ],
)
def test_only_commands_that_change_the_schema_act_as_its_owner(command, address):
    environ = dict(NAMED)

    prepare_command(["manage.py", command], environ)

    assert environ == NAMED | {"DATABASE_URL": address}


def test_a_database_without_an_owners_address_is_used_as_it_is():
    environ = {"DATABASE_URL": "postgres://app", "REDIS_URL": "redis://r"}

    prepare_command(["manage.py", "migrate"], environ)

    assert environ == {"DATABASE_URL": "postgres://app", "REDIS_URL": "redis://r"}


@pytest.mark.parametrize("argv", [["manage.py"], ["manage.py", "help"], ["manage.py", "migrate", "--help"]])
def test_asking_for_help_starts_no_server(argv, tmp_path):
    environ = {"DATA_DIR": str(tmp_path / "data")}

    prepare_command(argv, environ)

    assert environ == {"DATA_DIR": str(tmp_path / "data")}
    assert not (tmp_path / "data").exists()


def test_a_command_starts_the_servers_and_tells_django_where_they_are(data_options):
    environ = {"DATA_DIR": str(data_options.data_dir)}

    prepare_command(["manage.py", "migrate"], environ)

    assert environ["DATABASE_URL"].startswith("postgresql://desk_owner:")
    assert environ["REDIS_URL"].startswith("unix://:")
    assert len(environ["SECRET_KEY"]) >= 50


def test_servers_that_cannot_be_had_end_the_command_with_a_sentence(tmp_path):
    (tmp_path / "file").touch()

    with pytest.raises(SystemExit) as ended:
        prepare_command(["manage.py", "check"], {"DATA_DIR": str(tmp_path / "file" / "data")})

    assert ended.value.code == (
        f"Cannot write to {tmp_path / 'file' / 'data'}; choose another folder with DATA_DIR=/path/to/folder."
    )
