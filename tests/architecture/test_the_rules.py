"""Each architecture rule catches a small violation and lets its clean twin pass."""
# ruff: noqa: E501 - a row of the tables is easier to read on one line

from __future__ import annotations

from functools import partial
from pathlib import Path
from textwrap import dedent

import pytest

from tests.architecture import import_rules, purity_rules, shape_rules
from tests.architecture.rules import Module, Rule, Violation, project_files, read_modules, report
from tests.architecture.tables import Registry

FACES = {"core": frozenset({"Session", "utc_now"}), "alerts": frozenset({"judge"})}
hidden_inputs = partial(purity_rules.no_hidden_inputs, shells={"core/clock.py": "clock", "*/cli.py": "shell"})
reveals = partial(purity_rules.secrets_are_revealed_in_shells, revealers={"collectors/snmp/session.py": "socket"})
faces = partial(import_rules.imports_from_faces, faces=FACES)
tables_only = partial(purity_rules.sqlalchemy_in_its_place, exceptions={"deploy/new_migration.py": "tool"})
sizes = partial(shape_rules.sizes, exceptions={"alerts/long.py": "reason", "alerts/x.py:big": "reason"})
stopwatches = partial(shape_rules.tests_measure_no_time, timers={"tests/waiting.py": "deadline"})
printing = partial(shape_rules.no_printing, printers={"*/cli.py": "talks", "benchmarks/": "prints"})


def flagged(rule: Rule, path: str, source: str) -> list[Violation]:
    return rule(Module(path, dedent(source)))


LONG_FUNCTION = "def big():\n" + "    x = 1\n" * 50
LONG_MODULE = '"""Doc."""\n' + "x = 1\n" * 400
LONG_VIEW = "@pages.get('/')\ndef show():\n" + "    x = 1\n" * 30
WORK_NOTE = "TO" "DO"

# rule, path, source that must be flagged, words of the message
BROKEN: list[tuple[Rule, str, str, str]] = [
    (import_rules.imports_point_down, "core/x.py", "import inventory", "core must not import inventory"),
    (import_rules.imports_point_down, "collectors/x.py", "from playbooks import run", "must not import playbooks"),
    (import_rules.imports_point_down, "playbooks/x.py", "from collectors import poll", "must not import collectors"),
    (import_rules.imports_point_down, "telemetry/x.py", "def f():\n    from alerts import judge", "must not import alerts"),
    (import_rules.imports_point_down, "inventory/x.py",
     "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from dashboards import create_app", "must not import dashb"),
    (import_rules.imports_point_down, "alerts/x.py", "import importlib\nimportlib.import_module('conference.tokens')",
     "must not import conference.tokens"),
    (import_rules.imports_point_down, "alerts/x.py", "from tests.waiting import wait_until", "above all packages"),
    (import_rules.imports_point_down, "dashboards/x.py", "import app", "above all packages"),
    (import_rules.imports_point_down, "deploy/demo/x.py", "from tests.replay import agent", "does not need its tests"),
    (import_rules.no_hidden_imports, "alerts/x.py", "def f():\n    from alerts import rule", "at the top"),
    (import_rules.no_hidden_imports, "app.py", "def f():\n    import dashboards", "at the top"),
    (import_rules.no_hidden_imports, "alerts/x.py",
     "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from core import Session", "at the top"),
    (import_rules.no_hidden_imports, "alerts/a/x.py", "def f():\n    from .. import rule", "at the top"),
    (import_rules.no_computed_imports, "alerts/x.py", "import importlib\nimportlib.import_module(name)", "import statement"),
    (faces, "dashboards/x.py", "from alerts.pipeline import fold", "import from alerts"),
    (faces, "dashboards/x.py", "import alerts.pipeline", "import from alerts"),
    (faces, "dashboards/x.py", "from alerts import pipeline", "pipeline is not in alerts.__all__"),
    (faces, "dashboards/x.py", "import alerts\nalerts.pipeline.fold()", "pipeline is not in alerts.__all__"),
    (faces, "app.py", "from alerts.pipeline import fold", "import from alerts"),
    (import_rules.faces_list_names, "alerts/__init__.py", "from alerts.rule import judge", "list the public names"),
    (import_rules.faces_list_names, "alerts/__init__.py", "__all__ = ['judge']", "judge, which does not exist"),
    (hidden_inputs, "alerts/x.py", "from datetime import datetime\nnow = datetime.now()", "datetime.datetime.now"),
    (hidden_inputs, "alerts/x.py", "import datetime as dt\nnow = dt.datetime.utcnow()", "utcnow"),
    (hidden_inputs, "alerts/x.py", "import time\ntime.time()", "time.time"),
    (hidden_inputs, "alerts/x.py", "from time import time as t\nt()", "time.time"),
    (hidden_inputs, "alerts/x.py", "import random\nrandom.random()", "random"),
    (hidden_inputs, "alerts/x.py", "import numpy as np\nnp.random.default_rng()", "numpy.random"),
    (hidden_inputs, "alerts/x.py", "import os\nos.environ['X']", "os.environ"),
    (hidden_inputs, "alerts/x.py", "from os import environ\nenviron.get('X')", "os.environ"),
    (hidden_inputs, "alerts/x.py", "from core import utc_now\nnow = utc_now()", "core.utc_now"),
    (reveals, "alerts/x.py", "def f(secret):\n    return secret.reveal()", ".reveal()"),
    (reveals, "alerts/x.py", "def f(s):\n    return s.smtp_password.get_secret_value()", ".get_secret_value()"),
    (tables_only, "alerts/pipeline.py", "from sqlalchemy import select", "models.py or store.py"),
    (tables_only, "dashboards/pages/x.py", "import sqlalchemy.orm", "models.py or store.py"),
    (purity_rules.models_are_passive, "alerts/models.py", "import httpx", "does not need httpx"),
    (purity_rules.models_are_passive, "inventory/models/places.py", "from core import utc_now", "does not need core"),
    (purity_rules.models_are_passive, "alerts/models.py",
     "from datetime import datetime\nclass A:\n    def close(self):\n        self.at = datetime.now()", "does not call"),
    (purity_rules.views_are_short, "dashboards/pages/x.py",
     "@pages.get('/')\ndef show():\n    return g.session.execute(q)", "belongs in a store"),
    (purity_rules.views_are_short, "dashboards/pages/x.py", "@pages.post('/')\nasync def show():\n    pass", "is async"),
    (purity_rules.views_are_short, "dashboards/pages/x.py",
     "import threading\n@pages.post('/')\ndef show():\n    pass", "does not need threading"),
    (purity_rules.views_are_short, "dashboards/pages/x.py", LONG_VIEW, "at most 30"),
    (sizes, "alerts/x.py", LONG_MODULE, "401 lines"),
    (sizes, "alerts/y.py", LONG_FUNCTION, "51 lines"),
    (sizes, "alerts/y.py", "class A:\n    def f(self, a, b, c, d, *, e, f, g): pass", "7 parameters"),
    (sizes, "alerts/y.py", "def f(a, b, c, d, e, *args, **more): pass", "7 parameters"),
    (shape_rules.file_has_a_subject, "alerts/utils.py", '"""Doc."""', "utils says nothing"),
    (shape_rules.file_has_a_subject, "alerts/helpers/x.py", '"""Doc."""', "helpers says nothing"),
    (shape_rules.has_docstring, "alerts/x.py", "x = 1", "what the module is for"),
    (shape_rules.nothing_unfinished, "alerts/x.py", f"x = 1  # {WORK_NOTE} later", "do it or drop it"),
    (shape_rules.nothing_unfinished, "alerts/x.py", f'"""Doc. {WORK_NOTE}: more."""', "do it or drop it"),
    (shape_rules.nothing_unfinished, "alerts/x.py", "def f():\n    raise NotImplemented" "Error", "stub"),
    (shape_rules.no_test_left_out, "tests/x.py", "import pytest\n@pytest.mark.skip\ndef test(): pass", "pytest.mark.skip"),
    (shape_rules.no_test_left_out, "tests/x.py", "from pytest import mark\n@mark.xfail()\ndef test(): pass", "xfail"),
    (shape_rules.no_test_left_out, "tests/x.py", "import pytest\npytest.importorskip('duckdb')", "importorskip"),
    (shape_rules.no_sleeping_in_tests, "tests/x.py", "import time\ntime.sleep(0.01)", "wait_until"),
    (stopwatches, "tests/x.py", "import time\nbegan = time.perf_counter()", "benchmarks/"),
    (stopwatches, "tests/x.py", "from time import process_time\nbegan = process_time()", "benchmarks/"),
    (stopwatches, "tests/x.py", "import time\nask(time.monotonic_ns)", "benchmarks/"),
    (stopwatches, "tests/x.py", "import timeit", "benchmarks/"),
    (shape_rules.no_sleeping_in_tests, "tests/x.py", "import asyncio\nasync def f():\n    await asyncio.sleep(0.1)", "wait_"),
    (shape_rules.no_sleeping_in_tests, "tests/x.py", "from asyncio import sleep\nasync def f(n):\n    await sleep(n)", "wait_"),
    (printing, "alerts/x.py", "print('x')", "commands print"),
    (shape_rules.nothing_dangerous, "alerts/x.py", "import os\nos.system('ls')", "os.system"),
    (shape_rules.nothing_dangerous, "alerts/x.py", "import subprocess\nsubprocess.run('ls', shell=True)", "shell"),
    (shape_rules.nothing_dangerous, "alerts/x.py", "import pickle", "pickle"),
    (shape_rules.nothing_dangerous, "alerts/x.py", "import yaml\nyaml.load(text)", "yaml.load"),
    (shape_rules.nothing_dangerous, "alerts/x.py", "import yaml\nyaml.load(text, Loader=yaml.Loader)", "yaml.load"),
    (shape_rules.nothing_dangerous, "alerts/x.py", "eval('1')", "eval"),
]

CLEAN: list[tuple[Rule, str, str]] = [
    (import_rules.imports_point_down, "alerts/x.py", "import core\nfrom telemetry import METRICS\nfrom alerts import rule"),
    (import_rules.imports_point_down, "app.py", "import dashboards\nfrom deploy.demo import cli"),
    (import_rules.imports_point_down, "deploy/demo/x.py", "import dashboards, app"),
    (import_rules.imports_point_down, "tests/x.py", "import app, benchmarks, core"),
    (import_rules.imports_point_down, "alerts/a/x.py", "from .. import rule\nfrom . import y"),
    (import_rules.no_hidden_imports, "alerts/x.py", "from core import Session\ndef f():\n    import json"),
    (import_rules.no_computed_imports, "alerts/x.py", "import importlib\nimportlib.import_module('json')"),
    (faces, "dashboards/x.py", "from alerts import judge\nimport alerts\nalerts.judge()"),
    (faces, "alerts/x.py", "from alerts.pipeline import fold"),
    (faces, "app.py", "from alerts.cli import commands\nfrom alerts import cli\nimport alerts\nalerts.cli.mount(app)"),
    (import_rules.faces_list_names, "alerts/__init__.py", "from alerts.rule import judge\n__all__ = ['judge']"),
    (import_rules.faces_list_names, "deploy/__init__.py", '"""Only a word about the folder."""'),
    (hidden_inputs, "core/clock.py", "from datetime import datetime\nnow = datetime.now()"),
    (hidden_inputs, "alerts/cli.py", "from core import utc_now\nutc_now()"),
    (hidden_inputs, "alerts/x.py", "from core import utc_now\ndef f(clock=utc_now, time=None):\n    return time.time"),
    (hidden_inputs, "alerts/x.py", "import time\ntime.monotonic()"),
    (hidden_inputs, "benchmarks/x.py", "import random\nrandom.random()"),
    (reveals, "collectors/snmp/session.py", "def f(secret):\n    return secret.reveal()"),
    (tables_only, "alerts/store.py", "from sqlalchemy import select"),
    (tables_only, "inventory/store/places.py", "from sqlalchemy import select"),
    (tables_only, "core/database.py", "import sqlalchemy, alembic"),
    (tables_only, "deploy/new_migration.py", "import alembic"),
    (purity_rules.models_are_passive, "alerts/models.py", "from datetime import datetime\nfrom sqlalchemy import Text"),
    (purity_rules.models_are_passive, "alerts/send.py", "import httpx"),
    (purity_rules.views_are_short, "dashboards/pages/x.py",
     "@pages.get('/')\ndef show():\n    return render(sites(g.session, g.scope), session.get('theme'))"),
    (purity_rules.views_are_short, "dashboards/server.py", "import threading"),
    (sizes, "alerts/long.py", LONG_MODULE),
    (sizes, "alerts/x.py", LONG_FUNCTION),
    (sizes, "alerts/y.py", "class A:\n    def f(self, a, b, c, d, *, e, f): pass"),
    (sizes, "alerts/cli.py", "@commands.command()\ndef f(a, b, c, d, e, f, g, h): pass"),
    (sizes, "alerts/cli.py", "def f(context: typer.Context, b, c, d, e, f, g, h): pass"),
    (sizes, "core/migrations/versions/0001_first.py", LONG_MODULE + LONG_FUNCTION),
    (shape_rules.file_has_a_subject, "alerts/pipeline.py", ""),
    (shape_rules.has_docstring, "alerts/x.py", '"""What it is for."""\nx = 1'),
    (shape_rules.has_docstring, "alerts/__init__.py", ""),
    (shape_rules.nothing_unfinished, "alerts/x.py", "todo = 'a list of what is due'  # the field's usual word"),
    (shape_rules.nothing_unfinished, "alerts/x.py", "try:\n    f()\nexcept NotImplemented" "Error:\n    pass"),
    (shape_rules.no_test_left_out, "tests/x.py", "import pytest\n@pytest.mark.parametrize('x', [1])\ndef test(x): pass"),
    (shape_rules.no_sleeping_in_tests, "tests/waiting.py", "import time\ntime.sleep(1)"),
    (stopwatches, "tests/waiting.py", "import time\nend = time.monotonic() + 40"),
    (stopwatches, "tests/x.py", "import time\nat = time.time()"),
    (stopwatches, "benchmarks/x.py", "import time\nbegan = time.perf_counter()"),
    (shape_rules.no_sleeping_in_tests, "tests/x.py", "import asyncio\nasync def f():\n    await asyncio.sleep(0)"),
    (printing, "alerts/cli.py", "print('x')"),
    (printing, "benchmarks/x.py", "print('x')"),
    (shape_rules.nothing_dangerous, "alerts/x.py", "import subprocess\nsubprocess.run(['ls'], shell=False)"),
    (shape_rules.nothing_dangerous, "alerts/x.py", "import yaml\nyaml.safe_load(t)\nyaml.load(t, Loader=yaml.CSafeLoader)"),
]


def _name(value: object) -> str:
    """The same in every worker process; what a function looks like holds its address."""
    value = getattr(value, "func", value)
    return str(getattr(value, "__name__", value))[:60]


@pytest.mark.parametrize(("rule", "path", "source", "words"), BROKEN, ids=_name)
def test_violation_is_flagged(rule: Rule, path: str, source: str, words: str) -> None:
    found = flagged(rule, path, source)
    assert found and words in report(found)
    assert all(violation.file == path and violation.line >= 1 for violation in found)


@pytest.mark.parametrize(("rule", "path", "source"), CLEAN, ids=_name)
def test_clean_twin_passes(rule: Rule, path: str, source: str) -> None:
    assert not flagged(rule, path, source)


def test_every_rule_has_a_broken_and_a_clean_case() -> None:
    """A rule that no case proves is not a rule."""
    def names(rules: list[Rule]) -> set[str]:
        return {getattr(rule, "func", rule).__name__ for rule in rules}

    assert names([case[0] for case in BROKEN]) == names([case[0] for case in CLEAN])


CHANNELS = Registry("alerts/channels/", "alerts/channels/__init__.py", "CHANNELS", besides=("channel",))
CHANNEL_FILES = ("alerts/channels/__init__.py", "alerts/channels/channel.py", "alerts/channels/email.py",
                 "alerts/channels/zalo/__init__.py", "alerts/channels/zalo/icon.py", "alerts/pipeline.py")


@pytest.mark.parametrize("literal", [
    "from alerts.channels import email, zalo\nCHANNELS = by_key(email, zalo)",
    "from alerts.channels.email import Email\nfrom alerts.channels.zalo import Zalo\nCHANNELS: dict = {'e': Email, 'z': Zalo}",
    "CHANNELS = ('email.py', 'zalo')",
    "from alerts.channels.email import E\nfrom alerts.channels.zalo import Z\ndef _z():\n    return Z()\nCHANNELS = {'e': E, 'q': _z}",
])
def test_complete_registry_passes(literal: str) -> None:
    assert not import_rules.registry_is_complete(CHANNELS, CHANNEL_FILES, Module(CHANNELS.file, literal))


@pytest.mark.parametrize(("literal", "words"), [
    ("from alerts.channels import email\nCHANNELS = by_key(email)", "does not name alerts/channels/zalo"),
    ("CHANNELS = ()", "does not name alerts/channels/email"),
    ("OTHER = ('email', 'zalo')", "no literal CHANNELS"),
])
def test_registry_with_a_gap_is_flagged(literal: str, words: str) -> None:
    assert words in report(import_rules.registry_is_complete(CHANNELS, CHANNEL_FILES, Module(CHANNELS.file, literal)))


@pytest.mark.parametrize("source", [
    "def f(channel):\n    return channel.kind == 'zalo'",
    "def f(channel):\n    return channel.kind in ('zalo', 'x')",
    "def f(channel):\n    match channel:\n        case 'zalo':\n            return 1",
    "from alerts.channels.zalo import Zalo",
    "from alerts.channels import zalo",
])
def test_centre_that_knows_a_variant_is_flagged(source: str) -> None:
    assert import_rules.centre_knows_no_variant(Module("alerts/pipeline.py", source), CHANNELS, ["email", "zalo"])


@pytest.mark.parametrize(("path", "source"), [
    ("alerts/pipeline.py", "from alerts.channels import CHANNELS\ndef f(kind):\n    return CHANNELS[kind].send"),
    ("alerts/channels/zalo.py", "KEY = 'zalo'\ndef f(kind):\n    return kind == 'zalo'"),
    ("alerts/__init__.py", "from alerts.channels.zalo import Zalo"),
    ("alerts/pipeline.py", "from alerts.channels.channel import Channel"),
    ("inventory/models.py", "def f(kind):\n    return kind == 'email'"),
])
def test_centre_without_a_variants_name_passes(path: str, source: str) -> None:
    assert not import_rules.centre_knows_no_variant(Module(path, source), CHANNELS, ["email", "zalo"])


@pytest.mark.parametrize(("path", "source", "is_broken"), [
    ("tests/alerts/test_channels.py", "from alerts.channels import CHANNELS\nfor channel in CHANNELS: pass", False),
    ("tests/alerts/test_channels.py", "'CHANNELS in a sentence'", True),
    ("tests/inventory/test_x.py", "CHANNELS", True),
])
def test_registry_without_a_contract_test_is_flagged(path: str, source: str, is_broken: bool) -> None:
    assert bool(import_rules.contract_is_tested(CHANNELS, [Module(path, source)])) is is_broken


SECTION = "from core import Section\nclass {0}(Section):\n    section = 'x'\n"


def test_second_section_and_section_elsewhere_are_flagged() -> None:
    twice = Module("alerts/settings.py", SECTION.format("A") + SECTION.format("B"))
    assert "one class a package" in report(purity_rules.one_section_a_package([twice]))
    elsewhere = Module("alerts/channels/zalo.py", SECTION.format("Zalo"))
    assert "belongs in alerts/settings.py" in report(purity_rules.one_section_a_package([elsewhere]))


def test_one_section_a_package_passes() -> None:
    both = [Module(f"{package}/settings.py", SECTION.format("A")) for package in ("alerts", "telemetry")]
    assert not purity_rules.one_section_a_package(both)


@pytest.mark.parametrize(("kind", "is_broken"), [("Device", True), ("Note", False)])
def test_relationship_across_packages_is_flagged(kind: str, is_broken: bool) -> None:
    inventory = Module("inventory/models.py", "class Device:\n    pass")
    alerts = Module("alerts/models.py", dedent(f"""
        from sqlalchemy.orm import Mapped, relationship
        class Note:
            pass
        class Incident:
            things: Mapped[list["{kind}"]] = relationship(back_populates="incident")
    """))
    assert bool(purity_rules.relationships_stay_at_home([inventory, alerts])) is is_broken


@pytest.mark.parametrize(("text", "is_broken"), [
    ("see /" "work/main/core", True), ("cd /" "home/an/edunoc", True), ("data = '/" "root/x'", True),
    ("docs/home/page.md", False), ("https://example.vn/" "home/x", False), ("/var/lib/edunoc and /etc/edunoc", False),
])
def test_machine_paths(text: str, is_broken: bool) -> None:
    assert bool(shape_rules.no_machine_paths("docs/x.md", text)) is is_broken


@pytest.mark.parametrize(("text", "is_broken"), [
    ('"resolved": "https:' '//registry.example/x.tgz"', True), ("--index-url http:" "//mirror/simple", True),
    ("registry=http:" "//mirror", True), ("flask==3.1.0 \\\n    --hash=sha256:00", False),
    ('        "url": "https://opencollective.com/popperjs"', False),
])
def test_registry_addresses(text: str, is_broken: bool) -> None:
    assert bool(shape_rules.no_registry_addresses("package-lock.json", text)) is is_broken


def test_lock_files_are_found() -> None:
    paths = ["requirements.txt", "requirements-dev.in", "dashboards/frontend/package-lock.json", "docs/requirements.md"]
    assert shape_rules.lock_files(paths) == paths[:3]


def test_notes_of_unfinished_work_in_other_texts() -> None:
    assert shape_rules.unfinished_text("a.html", f"<!-- {WORK_NOTE} -->")
    assert not shape_rules.unfinished_text("a.html", "<p>To do today</p>")


def test_tree_is_read_without_environments_and_data(tmp_path: Path) -> None:
    for path in ("core/x.py", ".venv/y.py", "data/z.py", "core/__pycache__/x.py", "dashboards/static/vendor/v.js", "other/a.py"):
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text('"""Doc."""\n')
    assert [module.path for module in read_modules(tmp_path)] == ["core/x.py"]
    assert [path for path, _file in project_files(tmp_path)] == ["core/x.py", "other/a.py"]
