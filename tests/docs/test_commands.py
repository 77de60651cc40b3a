"""The command line and the documents agree, and every package's settings are read."""

from __future__ import annotations

from functools import cache

import typer
from typer.core import TyperGroup

import app
from tests.docs import doc_rules, settings_page
from tests.docs.doc_rules import Command
from tests.docs.reading import documents, told


def command_of(command: object) -> Command:
    options = frozenset(
        name for parameter in getattr(command, "params", ()) for name in (*parameter.opts, *parameter.secondary_opts)
    )
    commands = command.commands if isinstance(command, TyperGroup) else {}
    return Command(options, {name: command_of(one) for name, one in commands.items()})


@cache
def command_line() -> Command:
    return command_of(typer.main.get_command(app.app))


def test_names_of_settings_are_unique_and_every_section_is_read() -> None:
    sections = settings_page.all_sections()
    names = [section.env_name(name) for section in sections for name in section.model_fields]
    assert len(names) == len(set(names))
    assert set(app.SECTIONS) == set(sections), "app.SECTIONS leaves a package's settings out"


def test_every_command_is_in_a_document() -> None:
    found = doc_rules.unnamed_commands(command_line(), dict(documents()).values())
    assert not found, told(found)


def test_every_command_says_what_it_does() -> None:
    silent: list[str] = []

    def walk(command: object, path: str) -> None:
        if not (getattr(command, "help", None) or "").strip():
            silent.append(path)
        if isinstance(command, TyperGroup):
            for name, one in command.commands.items():
                walk(one, f"{path} {name}")

    walk(typer.main.get_command(app.app), "app.py")
    assert not silent, told(silent)


def test_commands_in_documents_exist() -> None:
    found = [claim for file, text in documents() for claim in doc_rules.missing_commands(file, text, command_line())]
    assert not found, told(found)
