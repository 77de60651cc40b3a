"""Every text of the inventory is there in Vietnamese."""

from __future__ import annotations

import re
from pathlib import Path

from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

PACKAGE = Path(__file__).parents[2] / "inventory"
_VALUES = re.compile(r"%\(\w+\)[sd]")


def test_every_text_is_translated_with_the_same_values():
    known = {}
    for path in (PACKAGE / "locale" / "vi.po", *(PACKAGE / "locale" / "vi").glob("*.po")):
        with path.open("rb") as file:
            known |= {message.id: message.string for message in read_po(file, locale="vi") if message.id}
    used = {text for _file, _line, text, _comments, _context in extract_from_dir(
        str(PACKAGE), method_map=[("**.py", "python")], keywords={"_": None, "N_": None, "gettext": None})}
    assert used == set(known)
    for text, translation in known.items():
        assert translation
        assert sorted(_VALUES.findall(text)) == sorted(_VALUES.findall(translation)), text
