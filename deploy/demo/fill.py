"""Fills an empty data folder with the demonstration province, through the same import that people use."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

from core import (
    Context,
    Deed,
    NewUser,
    Role,
    Scope,
    Session,
    append_audit,
    create_user,
    get_mark,
    has_administrator,
    set_mark,
)
from deploy.demo import projectors, services
from deploy.demo.province import CREDENTIAL, Province, make_province
from inventory import anonymous_snmp, create_credential, import_table

MARK = "demo_province"
# Published on purpose: the demonstration has nothing to protect and listens on this machine alone
USER, PASSWORD = "demo", "mot buoi sang o truong"  # noqa: S105


class DemoError(Exception):
    """The demonstration's own rows were refused: a defect of this program."""


def fill(context: Context, schools: int) -> bool:
    """Make the province once; False when it is there already. Raises DemoError."""
    vault = context.vault  # opened first: it writes in a transaction of its own
    with context.database.session() as session:
        if get_mark(session, MARK) is not None:
            return False
        if has_administrator(session):
            raise DemoError("this data folder holds real data; the demonstration never mixes with it")
        _people(session, context)
        create_credential(session, vault, {"name": CREDENTIAL, **anonymous_snmp("public")})
        projectors.fill(session, vault)
        import_province(session, make_province(schools))
        projectors.plan(session, context.clock())
        services.fill(session, context.clock())
        set_mark(session, MARK, str(schools))
    return True


def import_province(session: Session, province: Province) -> None:
    """Import all rows in their order. Raises DemoError naming the first problem."""
    for kind, rows in province.kinds():
        report = import_table(session, Scope.everything(), kind, io.BytesIO(_csv(rows)))
        if report.problems:
            first = report.problems[0]
            raise DemoError(f"{kind}, row {first.row}, {first.column}: {first.message}")


def _csv(rows: list[dict[str, str]]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(dict.fromkeys(name for row in rows for name in row)))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def _people(session: Session, context: Context) -> None:
    now = context.clock()
    create_user(session, NewUser(USER, PASSWORD, Role.ADMINISTRATOR, full_name="Quản trị bản trình diễn"), now)
    append_audit(session, Deed("demo", "demo.fill", summary="demonstration province made"), now + timedelta(seconds=1))

