"""`.env.example` names every variable that the code reads, and no other."""

from __future__ import annotations

import re

from commerce.core.servers.places import PROJECT

READ = re.compile(r'(?:env\.\w+|environ\.get)\(\s*"([A-Z][A-Z_]+)"')
NAMED = re.compile(r"^(?:# )?([A-Z][A-Z_]+)=", re.MULTILINE)
INTERNAL = {"SERVERS_THROWAWAY"}  # set by the tests' settings, not by people


def test_every_variable_that_is_read_is_in_the_example() -> None:
    files = [*PROJECT.glob("config/*.py"), *PROJECT.glob("commerce/**/*.py")]

    read = {name for file in files for name in READ.findall(file.read_text())} - INTERNAL

    assert set(NAMED.findall((PROJECT / ".env.example").read_text())) == read
