"""The real net-snmp agent that tests of collecting use, for journeys too; a data folder to work on."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.collectors.conftest import snmpd
from tests.journey.watched import Folder

__all__ = ["folder", "snmpd"]


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """A data folder with an administrator and a school."""
    folder = Folder(tmp_path / "data")
    folder.settle()
    return folder
