"""The configuration of the embedded PostgreSQL, written anew at every start."""

import os
from pathlib import Path

from config.launcher.places import Places

MIB = 1024 * 1024
SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 (looked at, never written to)
# Only passwords open the socket, for every user alike; nothing listens on TCP.
HBA = "local all all scram-sha-256\n"


def write_configuration(places: Places) -> None:
    """Write postgresql.conf and pg_hba.conf; `local.conf` beside them overrides and is written only when missing."""
    files = {
        "postgresql.conf": render(places, memory_mib=physical_memory_mib()),
        "pg_hba.conf": HBA,
    }
    if not (places.postgres / "local.conf").exists():
        files["local.conf"] = "# Settings put here win over the launcher's.\n"
    for name, text in files.items():
        path = places.postgres / name
        path.write_text(text)
        places.user.give(path)


def render(places: Places, *, memory_mib: int) -> str:
    """Return postgresql.conf for a machine with this much memory."""
    lines = [f"{name} = {quote(value)}" for name, value in settings(places, memory_mib=memory_mib).items()]
    header = "# Written by the launcher at every start; put changes into local.conf."
    return "\n".join([header, *lines, "include 'local.conf'", ""])


def settings(places: Places, *, memory_mib: int) -> dict[str, str]:
    """The settings that differ from PostgreSQL's own defaults."""
    return {
        "listen_addresses": "",
        "unix_socket_directories": str(places.sockets),
        "unix_socket_permissions": "0700",
        "port": "5432",
        "max_connections": "100",
        "password_encryption": "scram-sha-256",
        "shared_buffers": f"{min(1024, max(128, memory_mib // 4))}MB",
        "effective_cache_size": f"{max(256, memory_mib // 2)}MB",
        "work_mem": "16MB",
        "maintenance_work_mem": "128MB",
        "dynamic_shared_memory_type": shared_memory_type(SHARED_MEMORY),
        "fsync": "on",
        "max_wal_size": "2GB",
        "checkpoint_timeout": "15min",
        "random_page_cost": "1.1",
        "jit": "off",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "logging_collector": "on",
        "log_filename": "postgres-%a.log",
        "log_truncate_on_rotation": "on",
        "log_rotation_age": "1d",
        # The server's log holds no row and no statement: DETAIL, CONTEXT and parameters may be a patient's.
        "log_error_verbosity": "terse",
        "log_min_error_statement": "panic",
        "log_parameter_max_length_on_error": "0",
    }


def quote(value: str) -> str:
    """A value as postgresql.conf wants it."""
    return "'" + value.replace("'", "''") + "'"


def physical_memory_mib() -> int:
    """Memory of the machine, or of the container when that is less."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // MIB
    try:
        limit = int(Path("/sys/fs/cgroup/memory.max").read_text())
    except (OSError, ValueError):
        return memory
    return min(memory, limit // MIB)


def shared_memory_type(mount: Path) -> str:
    """Use /dev/shm unless it is as small as container engines make it (64 MB), where parallel queries would fail."""
    try:
        room = os.statvfs(mount)
    except OSError:
        return "mmap"
    return "posix" if room.f_bsize * room.f_blocks >= 256 * MIB else "mmap"
