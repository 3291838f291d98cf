"""Settings as production starts with them, each time in a fresh process."""

import os
import subprocess
import sys

import pytest
from django.conf import settings

PRODUCTION = {
    "PRODUCTION": "1",
    "SECRET_KEY": "a-long-and-random-production-key-0123456789-abcdefghijklmnop",
    "ALLOWED_HOSTS": "desk.example.org",
    "CSRF_TRUSTED_ORIGINS": "https://desk.example.org",
}


def manage(*command: str, environ: dict[str, str]) -> subprocess.CompletedProcess[str]:
    kept = {name: os.environ[name] for name in ("PATH", "DATABASE_URL", "REDIS_URL")}
    return subprocess.run(
        [sys.executable, "manage.py", *command],
        capture_output=True,
        text=True,
        check=False,
        cwd=settings.BASE_DIR,
        env=kept | environ,
    )


def test_the_deployment_check_finds_nothing():
    checked = manage("check", "--deploy", "--fail-level", "WARNING", environ=PRODUCTION)

    assert (checked.returncode, checked.stdout) == (0, "System check identified no issues (0 silenced).\n")


@pytest.mark.parametrize("missing", ["SECRET_KEY", "ALLOWED_HOSTS"])
def test_production_does_not_start_without(missing):
    environ = {name: value for name, value in PRODUCTION.items() if name != missing}

    checked = manage("check", environ=environ)

    assert checked.returncode == 1
    assert f"Set the {missing} environment variable" in checked.stderr


def test_production_cookies_are_bound_to_the_host_and_debug_stays_off():
    code = (
        "from django.conf import settings as s; "
        "print(s.DEBUG, s.SESSION_COOKIE_NAME, s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_NAME, s.CSRF_COOKIE_SECURE)"
    )

    shown = manage("shell", "--verbosity", "0", "-c", code, environ=PRODUCTION | {"DEBUG": "1"})

    assert shown.stdout == "False __Host-sessionid True __Host-csrftoken True\n"


def test_no_model_change_is_without_a_migration():
    checked = manage("makemigrations", "--check", "--dry-run", environ={})

    assert (checked.returncode, checked.stdout) == (0, "No changes detected\n")


def test_every_answer_carries_the_security_headers(client):
    headers = client.get("/livez").headers

    assert {name: headers[name] for name in ("X-Frame-Options", "Referrer-Policy", "X-Content-Type-Options")} == {
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
    }
    assert headers["Permissions-Policy"] == "camera=(), geolocation=(), microphone=(), payment=(), usb=()"
    assert sorted(headers["Content-Security-Policy"].split("; ")) == [
        "base-uri 'none'",
        "connect-src 'self'",
        "default-src 'none'",
        "font-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "img-src 'self'",
        "script-src 'self'",
        "style-src 'self'",
    ]
