"""Whose connection is it: by the kiosk that had it, else by the token's subject, else by the name shown. Pure."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from conference.attendance.counting.evidence import Party, Spell
from conference.attendance.counting.intervals import BRIDGE_S
from conference.attendance.counting.server import Connection


@dataclass(frozen=True, slots=True)
class Owner:
    """Who a connection belongs to. `party_id` None: nobody invited; then `label` tells strangers apart."""

    party_id: int | None
    how: str  # a word of LINKS
    label: str = ""
    name: str = ""
    endpoint_id: int | None = None


class Linker:
    """Ties connections and spells to the participants of one meeting."""

    def __init__(self, parties: Sequence[Party], spells: Iterable[Spell]) -> None:
        self._by_endpoint: dict[int, int] = {}
        # The endpoint itself before the unit that it also stands for
        for one in sorted(parties, key=lambda p: (p.kind != "endpoint", p.id)):
            for endpoint_id in ({one.endpoint_id} if one.endpoint_id else set()) | one.endpoint_ids:
                self._by_endpoint.setdefault(endpoint_id, one.id)
        self._by_subject = {one.subject: one.id for one in parties if one.subject}
        names: dict[str, set[int]] = defaultdict(set)
        for one in parties:
            names[fold_name(one.name)].add(one.id)
        # A name that two share says nothing
        self._by_name = {name: min(ids) for name, ids in names.items() if name and len(ids) == 1}
        self._spells: dict[str, list[Spell]] = defaultdict(list)
        for spell in spells:
            if spell.connection:
                self._spells[spell.connection].append(spell)

    def of_spell(self, spell: Spell) -> Owner:
        """Whose heartbeats they are."""
        party = self._by_endpoint.get(spell.endpoint_id)
        return Owner(party, "connection", f"endpoint:{spell.endpoint_id}", "", spell.endpoint_id)

    def of_connection(self, one: Connection) -> Owner:
        """Whose connection it is, and how surely."""
        near = [
            spell for spell in self._spells.get(one.id, ())
            if spell.first - BRIDGE_S <= one.last and one.first <= spell.last + BRIDGE_S
        ]
        if near:
            best = min(near, key=lambda spell: (abs(spell.first - one.first), spell.endpoint_id))
            found = self.of_spell(best)
            if found.party_id is not None:
                return found
        for subject in one.subjects:
            if subject in self._by_subject:
                return Owner(self._by_subject[subject], "subject")
        for name in one.names:
            if fold_name(name) in self._by_name:
                return Owner(self._by_name[fold_name(name)], "name", name=name)
        if near:
            return found
        name = one.names[0] if one.names else ""
        if one.subjects:
            return Owner(None, "subject", f"subject:{one.subjects[0]}", name or one.subjects[0])
        if name:
            return Owner(None, "name", f"name:{fold_name(name)}", name)
        return Owner(None, "unnamed", f"connection:{one.id}", one.id)


def fold_name(name: str) -> str:
    """A name as it is compared: composed letters, no case, single blanks. Diacritics count: they tell people apart."""
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())
