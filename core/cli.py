"""Commands about EduNOC itself: settings, tables, audit chain, lost key, people who cannot sign in.

Texts are English: these commands are for whoever installs and repairs.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, TextIO

import typer
from pydantic import SecretStr
from rich.console import Console
from rich.table import Table
from rich.text import Text

from core.access import Role
from core.context import Context
from core.failure import StartError
from core.language import use_language
from core.logs import harmless
from core.models import AuditEntry
from core.passwords import password_problem
from core.secrets import SealError, Vault
from core.settings import Section
from core.store import (
    KEY_MARK,
    Deed,
    NewUser,
    append_audit,
    bind_key,
    create_user,
    find_user,
    get_mark,
    read_audit,
    rebind_key,
    set_password,
    username_problem,
    verify_audit,
)

ACTOR = "terminal"  # who did it, in the audit: whoever may run commands on the server
WRONG_INPUT = 2

audit = typer.Typer(help="The record of who changed what, and the proof that nobody changed the record.")
secrets = typer.Typer(help="Saved passwords and communities, and the key file that seals them.")
users = typer.Typer(help="People, for when nobody can sign in to the pages.")


def mount(app: typer.Typer) -> None:
    """Add core's commands to the command line."""
    app.add_typer(audit, name="audit", no_args_is_help=True)
    app.add_typer(secrets, name="secrets", no_args_is_help=True)
    app.add_typer(users, name="users", no_args_is_help=True)
    app.command("settings")(list_settings)
    app.command("migrate")(migrate)


@contextmanager
def _plain_errors() -> Iterator[None]:
    """A database, key file or folder that cannot be used is told in words, with exit code 2."""
    try:
        with use_language("en"):
            yield
    except StartError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(WRONG_INPUT) from None


@audit.command()
def verify(
    context: typer.Context,
    expect: Annotated[
        str, typer.Option(help="Digest that an earlier verify or export printed; proves that nothing was cut off")
    ] = "",
) -> None:
    """Walk the audit chain; exit code 1 and the entry's number when it was changed."""
    own: Context = context.obj
    with _plain_errors(), own.database.reading() as session:
        report = verify_audit(session, expect.strip().lower() or None)
    if report.reason == "ok" and not report.checked:
        typer.echo("The audit is empty.")
        return
    if report.reason == "ok":
        typer.echo(f"The audit chain holds: {report.checked} entries, newest digest {report.head}")
        typer.echo("Note this digest outside of EduNOC; `app.py audit verify --expect DIGEST` then proves that no entry"
                   " was cut off.")
        return
    what = {
        "digest": f"entry {report.broken_id} was changed after it was written",
        "link": f"the entry before entry {report.broken_id} is missing or was moved",
        "expect": f"the expected digest is not in the chain of {report.checked} entries: entries were cut off, or the"
                  " chain was written anew",
    }[report.reason]
    typer.echo(f"The audit chain is broken: {what}. {report.checked} entries before it hold. Compare with the last"
               " export or backup, and keep this database as evidence.", err=True)
    raise typer.Exit(1)


@audit.command()
def export(
    context: typer.Context,
    output: Annotated[Path | None, typer.Option(help="File to write; without it the terminal")] = None,
) -> None:
    """Write every audit entry as one line of JSON, oldest first; the newest digest is told at the end."""
    own: Context = context.obj
    with _plain_errors(), own.database.reading() as session:
        try:
            if output is None:
                head, count = _write_entries(read_audit(session), typer.get_text_stream("stdout"))
            else:
                with output.open("x", encoding="utf-8") as stream:
                    head, count = _write_entries(read_audit(session), stream)
        except FileExistsError:
            raise StartError(f"{output} exists already; name another file, an export overwrites nothing.") from None
        except OSError as error:
            raise StartError(f"{output} cannot be written: {error.strerror}.") from error
    typer.echo(f"{count} entries, newest digest {head}", err=True)


def _write_entries(entries: Iterator[AuditEntry], stream: TextIO) -> tuple[str, int]:
    head, count = "none", 0
    for entry in entries:
        line = {
            "id": entry.id, "at": entry.at.isoformat(timespec="microseconds"), "actor": entry.actor,
            "action": entry.action, "target_kind": entry.target_kind, "target_id": entry.target_id,
            "summary": entry.summary, "detail": entry.detail, "previous": entry.previous, "digest": entry.digest,
        }
        stream.write(json.dumps(line) + "\n")  # ASCII: a name cannot steer the terminal that shows it
        head, count = entry.digest, count + 1
    return head, count


@secrets.command()
def forget(
    context: typer.Context,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask")] = False,
) -> None:
    """Empty the passwords and communities that a lost key file sealed, and begin with a new key file."""
    own: Context = context.obj
    with _plain_errors():
        if _is_key_good(own):
            typer.echo("No key is lost: nothing was changed.")
            return
        typer.echo("Every saved password and community will be emptied and must be entered again. Devices stay, and are"
                   " not read until then. If a backup of the key file exists, put it back instead.")
        if not yes:
            typer.confirm("Empty them now?", abort=True)
        vault = Vault.open_or_create(own.key_file)
        with own.database.session() as session:
            count = sum(forget_in(session) for forget_in in own.forget_sealed)
            rebind_key(session, vault)
            deed = Deed(ACTOR, "secrets.forget", "key", vault.fingerprint, f"{count} sealed values emptied: key lost")
            append_audit(session, deed, own.clock())
    typer.echo(f"{count} saved values were emptied. The new key file is {own.key_file}: back it up now.")


def _is_key_good(own: Context) -> bool:
    """True when no sealed value is lost. A damaged key file is moved aside, never deleted."""
    if not own.key_file.exists():
        with own.database.reading() as session:
            return get_mark(session, KEY_MARK) is None  # a database that was never used with a key
    try:
        vault = Vault.open_or_create(own.key_file)
    except SealError:
        aside = own.key_file.with_name(f"{own.key_file.name}.damaged-{own.clock():%Y%m%dT%H%M%S}")
        own.key_file.rename(aside)
        typer.echo(f"The damaged key file is kept as {aside}.")
        return False
    try:
        with own.database.session() as session:
            bind_key(session, vault)
    except SealError:
        return False
    return True


@users.command()
def add(
    context: typer.Context,
    username: Annotated[str, typer.Option(prompt="User name", help="Name to sign in with")],
    role: Annotated[Role, typer.Option(prompt="Role", help="What the person is here")] = Role.ADMINISTRATOR,
    full_name: Annotated[str, typer.Option(help="Name that pages show")] = "",
    unit: Annotated[int | None, typer.Option(help="Number of the unit that school staff belongs to")] = None,
) -> None:
    """Make a person who can sign in; asks for the password."""
    own: Context = context.obj
    with _plain_errors():
        problem = username_problem(username)
        if problem is None and role is Role.SCHOOL_STAFF and unit is None:
            problem = "School staff belongs to a unit: add --unit NUMBER (the number stands in the unit's address)."
        if problem is not None:
            raise StartError(problem)
        new = NewUser(username, _ask_password(username), role, full_name=full_name, unit_id=unit)
        with own.database.session() as session:
            try:
                user = create_user(session, new, own.clock())
            except ValueError as error:
                raise StartError(str(error)) from None
            append_audit(session, Deed(ACTOR, "user.create", "user", user.id, f"{username} as {role}"), own.clock())
    typer.echo(f"{username} can sign in as {role.value}.")


@users.command("reset-password")
def reset_password(
    context: typer.Context,
    username: Annotated[str, typer.Option(prompt="User name", help="Name to sign in with")],
) -> None:
    """Give a person a new password, enable the person again, and end all sessions."""
    own: Context = context.obj
    with _plain_errors():
        with own.database.reading() as session:
            if find_user(session, username) is None:
                raise StartError(f"There is no user named {harmless(username)!r}.")
        password = _ask_password(username)  # outside of any transaction: a person may take minutes
        with own.database.session() as session:
            user = find_user(session, username)
            if user is None:
                raise StartError(f"The user {username} was deleted meanwhile.")
            set_password(user, password)
            user.is_enabled = True
            deed = Deed(ACTOR, "user.reset_password", "user", user.id, f"{user.username}: new password, enabled")
            append_audit(session, deed, own.clock())
    typer.echo(f"{username} can sign in with the new password; older sessions have ended.")


def _ask_password(username: str) -> str:
    password: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    problem = password_problem(password, username)
    if problem is not None:
        raise StartError(problem)
    return password


def list_settings(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON, for programs")] = False,
) -> None:
    """Every setting: its value now, where it comes from, and what it means. Secrets are not shown."""
    own: Context = context.obj
    rows = [
        {"setting": f"{section.section}.{field}" if section.section else field,
         "environment": section.env_name(field), "value": shown_value(section, field),
         "origin": own.settings.origin(type(section), field), "meaning": info.description or ""}
        for section in own.settings for field, info in type(section).model_fields.items()
    ]
    if as_json:
        typer.echo(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    console = Console()
    table = Table("Setting", "Value", "From", "Meaning", box=None, pad_edge=False)
    for row in rows:
        words = [harmless(row[key]) for key in ("setting", "value", "origin", "meaning")]
        if console.is_terminal:
            table.add_row(*(Text(word) for word in words))
        else:
            typer.echo("\t".join(words))
    if console.is_terminal:
        console.print(table)


def shown_value(section: Section, field: str) -> str:
    """The value as text; secrets as ***, or empty when there is none."""
    value = getattr(section, field)
    if isinstance(value, SecretStr):
        return "***" if value else ""
    return str(value)


def migrate(context: typer.Context) -> None:
    """Bring the tables to this version of EduNOC. `app.py run` does the same at start."""
    own: Context = context.obj
    with _plain_errors():
        before, newest = own.unmigrated_database.revisions()
        own.unmigrated_database.migrate()
    if before == newest:
        typer.echo(f"The tables are at revision {newest or 'none'}; nothing was to do.")
    else:
        typer.echo(f"The tables went from revision {before or 'none'} to {newest}.")
