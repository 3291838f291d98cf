"""The two roles of the desk and their database.

`desk_owner` owns everything and runs migrations and tests; `desk_app` runs the desk.
The app's role owns no table, so it can neither drop an append-only trigger nor TRUNCATE.
"""

import psycopg
from psycopg import sql

from config.launcher.keys import Keys

DATABASE = "recovery_desk"
OWNER = "desk_owner"
APP = "desk_app"
SUPERUSER = "postgres"


def create_roles(connection: psycopg.Connection, keys: Keys) -> None:
    """Create what is missing and set the passwords, as a superuser in autocommit; running it again changes nothing."""
    for role, options in ((OWNER, "LOGIN CREATEDB"), (APP, "LOGIN")):
        if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone():
            connection.execute(sql.SQL("CREATE ROLE {} {}").format(sql.Identifier(role), sql.SQL(options)))
    for role, password in ((OWNER, keys.owner), (APP, keys.app)):
        connection.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(role), sql.Literal(password)))
    # Tests act as the app with SET ROLE.
    connection.execute(sql.SQL("GRANT {} TO {}").format(sql.Identifier(APP), sql.Identifier(OWNER)))
    grant_rows_to_app(connection)


def create_database(connection: psycopg.Connection) -> None:
    """Create the desk's database from the template that `grant_rows_to_app` prepared."""
    if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
        return
    name, owner, app = sql.Identifier(DATABASE), sql.Identifier(OWNER), sql.Identifier(APP)
    connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(name, owner))
    connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(name))
    connection.execute(sql.SQL("GRANT CONNECT, TEMPORARY ON DATABASE {} TO {}").format(name, app))


def grant_rows_to_app(template: psycopg.Connection) -> None:
    """Let the app read and write rows of every table the owner will make.

    Set in template1, so that test databases, which are copies of it, have the same rules.
    """
    for objects, rights in (("TABLES", "SELECT, INSERT, UPDATE, DELETE"), ("SEQUENCES", "USAGE, SELECT")):
        template.execute(
            sql.SQL("ALTER DEFAULT PRIVILEGES FOR ROLE {} IN SCHEMA public GRANT {} ON {} TO {}").format(
                sql.Identifier(OWNER), sql.SQL(rights), sql.SQL(objects), sql.Identifier(APP)
            )
        )
    template.execute(sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(sql.Identifier(APP)))
