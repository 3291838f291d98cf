"""`make run`: servers, schema, static files, demonstration, then all processes until Ctrl-C."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from honcho.environ import parse_procfile
from honcho.manager import Manager

from config.launcher.environment import apply_addresses
from config.launcher.options import CHECKOUT, Options, check_port, read_options
from config.launcher.problems import LaunchError
from config.launcher.servers import Addresses, ensure_servers, stop_servers
from config.launcher.terminal import foreground

PREPARE_COMMAND = "desk_prepare"
# The only place that knows the demonstration's commands and process.
SEED_COMMANDS = ("seed_demo_plans", "seed_demo_contact", "seed_demo", "seed_demo_waitlist", "seed_demo_risk")
LOGINS_COMMAND = "demo_logins"
DEMO_PROCESS = "simulator"
ENDED_BY_SIGNAL = frozenset({0, 130, 143})


def run_desk() -> int:
    """Start everything, wait for Ctrl-C or SIGTERM, stop everything; returns the exit status."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    options = read_options(os.environ)
    check_port(options.host, options.port, name="PORT")
    check_port(options.host, options.mllp_port, name="MLLP_PORT")
    with foreground():
        try:
            environ = prepare(options, ensure_servers(options))
            return supervise(options, environ)
        except KeyboardInterrupt:
            return 0
        finally:
            print(stop_sentence(options), flush=True)


def prepare(options: Options, found: Addresses) -> dict[str, str]:
    """Bring schema, static files and demonstration up to date; returns the environment of the processes.

    The demonstration is filled in once per data folder, which prints the sign-ins; later
    starts only print them. The mark is set after it went well, so an interrupted filling
    goes on where it stopped.
    """
    environ = process_environment(options, found, os.environ)
    owner = environ | {"DATABASE_URL": found.owner_url}
    mark = options.data_dir / "demo-is-seeded"
    manage(owner, PREPARE_COMMAND, *(["--then", LOGINS_COMMAND] if options.demo and mark.exists() else []))
    if options.demo and not mark.exists():
        print("Filling the desk with the demonstration; this happens once ...", flush=True)
        for command in SEED_COMMANDS:
            manage(environ, command)
        mark.touch()
    shown = options.host if options.host != "0.0.0.0" else "localhost"  # noqa: S104 (shown, not listened on)
    print(f"\nRecovery Desk: http://{shown}:{options.port}/\n", flush=True)
    return environ


def process_environment(options: Options, found: Addresses, environ: Mapping[str, str]) -> dict[str, str]:
    """What every process of the desk sees; the owner's address is not among it."""
    local = dict(environ)
    apply_addresses(found, local)
    local.pop("DATABASE_OWNER_URL", None)
    local.setdefault("STATIC_ROOT", str(options.data_dir / "static"))
    local.setdefault("ALLOWED_HOSTS", f"localhost,127.0.0.1,[::1],{options.host},{socket.gethostname()}")
    if options.demo:  # nothing leaves this machine: messages to patients stay where their page shows them
        local.setdefault("OUTREACH_TEXT", "local")
        local.setdefault("OUTREACH_EMAIL", "local")
    return local | {
        "BIND": options.host,
        "PORT": str(options.port),
        "MLLP_PORT": str(options.mllp_port),
        "DATA_DIR": str(options.data_dir),
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{environ.get('PATH', os.defpath)}",
        "PYTHONUNBUFFERED": "1",
    }


def manage(environ: dict[str, str], *command: str) -> None:
    """Run a management command; raises LaunchError when it fails, its own words standing above."""
    done = subprocess.run([sys.executable, "manage.py", *command], cwd=CHECKOUT, env=environ, check=False)
    if done.returncode != 0:
        raise LaunchError(f"manage.py {command[0]} failed; what it said stands above.")


def supervise(options: Options, environ: dict[str, str]) -> int:
    """Run the Procfile's processes, each kept alive, until a signal; returns 0 when a signal ended them."""
    manager = Manager()
    if options.database_url is None or options.redis_url is None:
        # In our own environment, where no address stands that would make the servers look like somebody else's.
        command = f"exec {sys.executable} -m config.launcher watch"
        manager.add_process("servers", command, env=dict(os.environ), cwd=str(CHECKOUT))
    for name, command in parse_procfile((CHECKOUT / "Procfile").read_text()).processes.items():
        if name != DEMO_PROCESS or options.demo:
            kept = f"exec python -m config.launcher.keep {command}"
            manager.add_process(name, kept, env=environ, cwd=str(CHECKOUT))
    manager.loop()
    return 0 if manager.returncode in ENDED_BY_SIGNAL else 1


def stop_sentence(options: Options) -> str:
    """Stop the embedded servers unless another command still uses them, and say what happened."""
    try:
        stopped = stop_servers(options, only_if_unused=True)
    except LaunchError as error:
        return str(error)
    return f"Stopped {' and '.join(stopped)}." if stopped else "Stopped."
