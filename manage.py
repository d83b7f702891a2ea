#!/usr/bin/env python
"""Django's command line; starts the project's own servers for commands that need them."""

from __future__ import annotations

import os
import sys

WITHOUT_SERVERS = {
    "help",
    "version",
    "check",
    "diffsettings",
    "spectacular",
    "startapp",
    "error_docs",
}


def needs_servers(arguments: list[str]) -> bool:
    """Say whether a command line touches a database; asking for help never does."""
    command = arguments[1] if len(arguments) > 1 else "help"
    return command not in WITHOUT_SERVERS and not {"-h", "--help"} & set(arguments)


def main() -> None:
    """Run one management command."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.core.management import execute_from_command_line

    if needs_servers(sys.argv):
        from django.conf import settings

        from commerce.core import servers

        settings.DATABASES  # noqa: B018 - reads .env, which may name servers that run elsewhere
        servers.start()
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
