"""Documents and program agree: what one names, the other has."""

from __future__ import annotations

import pytest

from core import Permission, Role
from telemetry import METRICS
from tests.docs import doc_rules, settings_page
from tests.docs.doc_rules import Claim
from tests.docs.reading import ROOT, documents, paths, told


def test_every_setting_is_in_a_document() -> None:
    names = [section.env_name(name) for section in settings_page.all_sections() for name in section.model_fields]
    found = doc_rules.unnamed(names, dict(documents()).values(), "setting")
    assert not found, told(found)


def test_every_setting_says_what_it_means() -> None:
    silent = [
        section.env_name(name) for section in settings_page.all_sections()
        for name, info in section.model_fields.items() if not info.description
    ]
    assert not silent, told(silent)


def test_page_of_settings_is_up_to_date() -> None:
    page = settings_page.PAGE.read_text(encoding="utf-8")
    assert page == settings_page.with_tables(page, settings_page.all_sections()), (
        "write docs/settings.md anew: .venv/bin/python -m tests.docs.settings_page"
    )


@pytest.mark.parametrize(("kind", "names"), [
    ("metric", sorted(METRICS)), ("permission", [permission.value for permission in Permission]),
    ("role", [role.value for role in Role]),
], ids=["metrics", "permissions", "roles"])
def test_every_name_is_in_a_document(kind: str, names: list[str]) -> None:
    found = doc_rules.unnamed(names, dict(documents()).values(), kind)
    assert not found, told(found)


def test_paths_in_documents_exist() -> None:
    found = [claim for file, text in documents() for claim in doc_rules.missing_paths(file, text, paths())]
    assert not found, told(found)


def test_make_targets_in_documents_exist() -> None:
    targets = doc_rules.make_targets((ROOT / "Makefile").read_text(encoding="utf-8"))
    found = [claim for file, text in documents() for claim in doc_rules.missing_targets(file, text, targets)]
    assert not found, told(found)


def test_settings_in_documents_exist() -> None:
    sections = settings_page.all_sections()
    known = {section.env_name(name) for section in sections for name in section.model_fields}
    known |= {"EDUNOC_SETTINGS", "EDUNOC_RECORDINGS"}
    found = [
        Claim(file, 0, f"there is no setting {name}")
        for file, text in documents() for name in sorted(doc_rules.setting_names(text) - known)
    ]
    assert not found, told(found)
