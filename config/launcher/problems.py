"""What can keep the launcher from starting."""


class LaunchError(Exception):
    """Carries one plain sentence for the person at the terminal; the launcher prints it and ends with status 1."""
