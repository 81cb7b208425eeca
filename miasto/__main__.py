"""``python -m miasto COMMAND``: every command of the platform."""

import os
import sys


def main() -> None:
    """Run a management command with the platform's settings."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "miasto.config.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(["python -m miasto", *sys.argv[1:]])


if __name__ == "__main__":
    main()
