"""The formula of an indicator as data: what is counted, when somebody was there, which meetings, which condition."""

from __future__ import annotations

import ast
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from conference.attendance.kpi.expression import BadCondition, parse
from conference.attendance.words import NAMES
from conference.schedule import KINDS
from core import gettext as _

COUNTED_BY = ("unit", "endpoint", "person")


@dataclass(frozen=True, slots=True)
class Formula:
    """How one indicator is counted.

    Of the meetings of these `kinds` (only important ones when `only_important`), the indicator is the share for which
    `condition` holds. Somebody was there from `least_percent` of the planned minutes on. `share_of` "booked": the share
    of what was booked here; "all": meetings in person, as entered by hand, stand below the line, too.
    """

    kinds: tuple[str, ...]
    counted_by: str = "unit"
    least_percent: int = 70
    least_share: int = 50
    condition: str = "held and share >= least_share"
    share_of: str = "booked"
    only_important: bool = False
    leaves_out_excused: bool = True

    def tree(self) -> ast.expr:
        """The checked condition. Raises BadCondition."""
        return parse(self.condition, NAMES)

    def to_json(self) -> str:
        """As it is kept."""
        return json.dumps(asdict(self), ensure_ascii=False, sort_keys=True)


# What holds until somebody changes it. The legal definition of the shares is open (jitsi.md section 13 h).
DEFAULTS: dict[str, Formula] = {
    "assured": Formula(("conference", "training"), "endpoint", 70, 90, "held and checked >= least_share * endpoints"),
    "online": Formula(("meeting", "conference"), share_of="all"),
    "training": Formula(("training",), share_of="all"),
    "broadcast": Formula(("conference",), condition="held and streamed", only_important=True),
    "observation": Formula(("observation",), "endpoint", 50, 50, "held"),
}
# The indicator whose least percent says who was present at a meeting of this kind
OF_KIND = {"meeting": "online", "conference": "online", "training": "training", "observation": "observation"}


class BadFormula(ValueError):
    """`problems`: field name -> what to change."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__("; ".join(problems.values()))
        self.problems = dict(problems)


def read_formula(word: str, content: str) -> Formula:
    """A kept formula; what is missing or no longer known is the default's."""
    base = DEFAULTS[word]
    try:
        body = json.loads(content)
        known = {name: body[name] for name in asdict(base) if name in body}
        found = replace(base, **{**known, "kinds": tuple(known.get("kinds", base.kinds))})
        check_formula(found)
    except (ValueError, TypeError, KeyError):
        return base
    return found


def formula_of_form(word: str, form: Mapping[str, Any], kinds: list[str]) -> Formula:
    """A formula as a form brings it. Raises BadFormula."""
    problems: dict[str, str] = {}

    def percent(name: str) -> int:
        text = str(form.get(name, "")).strip()
        if not (text.isascii() and text.isdecimal() and int(text) <= 100):
            problems[name] = _("Enter a whole number from 0 to 100.")
            return 0
        return int(text)

    found = Formula(
        tuple(kind for kind in KINDS if kind in kinds), str(form.get("counted_by", "")), percent("least_percent"),
        percent("least_share"), " ".join(str(form.get("condition", "")).split()), str(form.get("share_of", "")),
        form.get("only_important") == "true", form.get("leaves_out_excused") == "true",
    )  # fmt: skip
    try:
        check_formula(found)
    except BadFormula as bad:
        problems = {**bad.problems, **problems}
    if problems:
        raise BadFormula(problems)
    return found


def check_formula(formula: Formula) -> None:
    """Raises BadFormula when something cannot be."""
    problems: dict[str, str] = {}
    if not formula.kinds or any(kind not in KINDS for kind in formula.kinds):
        problems["kinds"] = _("Tick at least one kind of meeting.")
    if formula.counted_by not in COUNTED_BY:
        problems["counted_by"] = _("Choose what is counted: units, endpoints or people.")
    if formula.share_of not in ("booked", "all"):
        problems["share_of"] = _("Choose what the share is taken of.")
    for name in ("least_percent", "least_share"):
        value = getattr(formula, name)
        if not isinstance(value, int) or not 0 <= value <= 100:
            problems[name] = _("Enter a whole number from 0 to 100.")
    try:
        formula.tree()
    except BadCondition as bad:
        problems["condition"] = str(bad)
    if problems:
        raise BadFormula(problems)
