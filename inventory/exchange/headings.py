"""Which column of a file is which field: headings in Vietnamese, English, or as the field is called in the API."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

from core import LANGUAGES, use_language
from core import gettext as _
from inventory.fields import Field, Subject
from inventory.folding import fold
from inventory.problems import FieldProblem, InvalidInput

REQUIRED_MARK = "*"  # behind the heading of a field that must be filled in
IGNORED_MARK = "#"   # before the heading of a column that is nobody's but the author's


def heading_of(field: Field) -> str:
    """The heading as templates and exports write it, in the language of the moment."""
    return f"{_(field.title)} {REQUIRED_MARK}" if field.required else _(field.title)


def match_headings(subject: Subject, headings: Sequence[str]) -> dict[int, Field]:
    """Column number to field. Raises InvalidInput with every heading that is unknown or there twice."""
    known = _known_headings(subject)
    found: dict[int, Field] = {}
    problems: list[FieldProblem] = []
    for number, heading in enumerate(headings):
        word = fold(heading.rstrip(f" {REQUIRED_MARK}"))
        if not word or word.startswith(IGNORED_MARK):
            continue
        field = known.get(word)
        if field is None:
            problems.append(FieldProblem(1, heading[:100], _unknown(subject, word)))
        elif field in found.values():
            problems.append(FieldProblem(1, heading[:100], _("This column is there twice. Delete one of the two.")))
        else:
            found[number] = field
    if not found:
        shown = ", ".join(heading_of(field) for field in subject.fields[:4])
        raise InvalidInput([FieldProblem(1, "", _(
            "The first row has none of the headings expected here (%(headings)s...). Download the template and copy"
            " your rows into it.", headings=shown))])
    if problems:
        raise InvalidInput(problems)
    return found


def _unknown(subject: Subject, word: str) -> str:
    """What to do with a heading that nobody knows: the nearest one, when one is near."""
    titles = {fold(_(field.title)): heading_of(field) for field in subject.fields}
    near = [one for one in titles if f" {word} " in f" {one} "]
    near = near or get_close_matches(word, titles, 1, 0.75)
    if near:
        return _("This heading is not known here. Do you mean “%(heading)s”?", heading=titles[near[0]])
    return _("This heading is not known here. Correct it, or put # before it if the column is only for yourself.")


def _known_headings(subject: Subject) -> dict[str, Field]:
    known = {fold(field.name): field for field in subject.fields}
    for language in LANGUAGES:
        with use_language(language):
            known |= {fold(_(field.title)): field for field in subject.fields}
    return known
