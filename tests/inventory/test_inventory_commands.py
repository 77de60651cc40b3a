"""`app.py import`, `export` and `template`."""

from __future__ import annotations

import pytest
import typer
from typer.testing import CliRunner

from core import AuditEntry, Context, CoreSettings, Scope, load_settings
from inventory import InventorySettings, Site, Unit, create_record, list_records
from inventory.cli import mount

SITES = "Site code,Name,Unit code\nS1,Điểm chính,T1\n"


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Calls a command on a data folder with one unit; gives back exit code and everything said."""
    monkeypatch.chdir(tmp_path)
    settings = load_settings((CoreSettings, InventorySettings), None, {
        "EDUNOC_DATA_DIR": str(tmp_path / "data"), "EDUNOC_LANGUAGE": "en", "EDUNOC_INVENTORY_IMPORT_MAX_ROWS": "50"})
    context = Context(settings)
    context.database.create_all()
    with context.database.session() as session:
        create_record(session, Scope.everything(), Unit, {"code": "T1", "name": "Trường"})
    app = typer.Typer()
    mount(app)

    def call(*arguments: str) -> tuple[int, str]:
        found = CliRunner().invoke(app, list(arguments), obj=context)
        return found.exit_code, found.output

    call.context = context
    yield call
    context.close()


def sites(run):
    with run.context.database.reading() as session:
        return [site.name for site in list_records(session, Scope.everything(), Site).rows]


def test_import_and_export(run, tmp_path):
    (tmp_path / "sites.csv").write_text(SITES, encoding="utf-8")
    assert run("import", "sites.csv", "--kind", "sites", "--dry-run") == (
        0, "Would create 1, change 0, leave 0 as they are.\n")
    assert sites(run) == []
    assert run("import", "sites.csv", "--kind", "sites") == (0, "Created 1, changed 0, left 0 as they are.\n")
    assert sites(run) == ["Điểm chính"]
    with run.context.database.reading() as session:
        [entry] = session.query(AuditEntry).all()
    assert (entry.action, entry.target_kind, entry.summary) == ("inventory.import", "sites", "sites.csv")
    assert run("export", "out.xlsx", "--kind", "sites") == (0, "1 rows written to out.xlsx.\n")
    assert run("import", "out.xlsx", "--kind", "sites") == (0, "Created 0, changed 0, left 1 as they are.\n")
    assert sorted(file.name for file in tmp_path.glob("*.*")) == ["out.xlsx", "sites.csv"]


def test_every_problem_is_listed_and_nothing_is_written(run, tmp_path):
    (tmp_path / "sites.csv").write_text("Site code,Name,Unit code\nS1,,T9\nS2,ok,T1\n", encoding="utf-8")
    for option in ((), ("--dry-run",)):
        code, said = run("import", "sites.csv", "--kind", "sites", *option)
        assert code == 2
        assert said.splitlines() == [
            "row 2, Name: This must not be empty.",
            "row 2, Unit code: There is no unit with the code T9. Import the units first, or correct the code.",
            "2 problems. Nothing was written.",
        ]
    assert sites(run) == []


def test_a_hostile_file_does_not_reach_the_terminal(run, tmp_path):
    (tmp_path / "x.csv").write_text("Site code,Name,\x1b]0;owned\x07\nS1,a,b\n", encoding="utf-8")
    code, said = run("import", "x.csv", "--kind", "sites")
    assert code == 2
    assert "\x1b" not in said
    assert "\\x1b]0;owned" in said


@pytest.mark.parametrize(("arguments", "words"), [
    (("import", "no.csv", "--kind", "sites"), "cannot be opened"),
    (("import", "no.csv", "--kind", "cats"), "There is no kind cats"),
    (("export", "x.pdf", "--kind", "sites"), "ends with .csv or .xlsx"),
    (("export", "no/x.csv", "--kind", "sites"), "cannot be written"),
    (("template", "no/x.xlsx", "--kind", "sites"), "cannot be written"),
    (("template", "x.xlsx", "--kind", "cats"), "There is no kind cats"),
])
def test_what_cannot_be_done_is_told(run, arguments, words):
    code, said = run(*arguments)
    assert code == 2
    assert words in said


def test_limits_come_from_the_settings(run, tmp_path):
    (tmp_path / "x.csv").write_text(SITES + "S,a,T1\n" * 60, encoding="utf-8")
    assert run("import", "x.csv", "--kind", "sites")[1].startswith("The file has more than 50 rows.")


def test_template(run, tmp_path):
    assert run("template", "x.xlsx", "--kind", "sites") == (0, "Template written to x.xlsx.\n")
    assert run("import", "x.xlsx", "--kind", "sites") == (0, "Created 0, changed 0, left 0 as they are.\n")
