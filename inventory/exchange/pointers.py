"""Codes and names in a spreadsheet turned into the ids they stand for, many at a time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from core import Scope, Session
from core import gettext as _
from inventory.store import bulk

_COLUMNS = {"unit": "code", "site": "code", "credential": "name", "service": "name"}


class Pointers:
    """Looks up what rows point to, within the scope of who imports."""

    def __init__(self, session: Session, scope: Scope) -> None:
        self._session = session
        self._scope = scope
        self._simple: dict[str, dict[str, int | None]] = {word: {} for word in _COLUMNS}
        self._placed: dict[str, dict[tuple, int]] = {}

    def learn(self, word: str, texts: Iterable[str]) -> None:
        """Look up the codes of units or sites, or the names of credentials, that are not known yet."""
        known = self._simple[word]
        new = {text for text in texts if text not in known}
        if new:
            known.update(dict.fromkeys(new))
            known.update(bulk.ids_by(self._session, word, _COLUMNS[word], new, self._scope))

    def simple(self, word: str, text: str) -> int | None:
        """The id of a unit, site or credential that was learnt."""
        return self._simple[word].get(text)

    def learn_placed(self, wanted: Mapping[str, set[tuple[int, str]]]) -> None:
        """Look up rooms (site, code), devices and lines (site, text) of the rows at hand; forget those before."""
        rooms, devices, links = wanted["room"], wanted["device"], wanted["link"]
        elsewhere = {split for _site, text in devices | links for split in splits(text)}
        self.learn("site", {site for site, _name in elsewhere})
        away = {(site_id, name) for site, name in elsewhere if (site_id := self.simple("site", site))}
        codes = {text for _site, text in devices}
        self._placed = {
            "room": bulk.ids_by_tuple(self._session, "room", ("site_id", "code"), rooms),
            "device": bulk.ids_by_tuple(self._session, "device", ("site_id", "name"), devices | away),
            "link": bulk.ids_by_tuple(self._session, "link", ("site_id", "name"), links | away) if links else {},
            "code": {(c,): i for c, i in bulk.ids_by(self._session, "device", "code", codes, self._scope).items()}
            if codes else {},
        }

    def room(self, site_id: int, code: str) -> int | None:
        """The room with this code at the site."""
        return self._placed["room"].get((site_id, code))

    def device(self, site_id: int, text: str) -> int | None:
        """A device by its name at the site, by "site code/name", or by its code, in this order."""
        found = self._named("device", site_id, text)
        return found if found is not None else self._placed["code"].get((text,))

    def link(self, site_id: int, text: str) -> int | None:
        """A line by its name at the site, or by "site code/name"."""
        return self._named("link", site_id, text)

    def _named(self, word: str, site_id: int, text: str) -> int | None:
        found = self._placed[word].get((site_id, text))
        for site, name in splits(text) if found is None else ():
            other = self.simple("site", site)
            found = self._placed[word].get((other, name)) if other else None
            if found is not None:
                break
        return found


def splits(text: str) -> list[tuple[str, str]]:
    """Every way to read "a/b/c" as site code and name: either may hold a slash."""
    parts = text.split("/")
    return [("/".join(parts[:i]).strip(), "/".join(parts[i:]).strip()) for i in range(1, min(len(parts), 6))]


def missing_message(word: str, text: str) -> str:
    """What to do when a pointer leads nowhere."""
    shown = text[:64]
    return {
        "unit": _("There is no unit with the code %(code)s. Import the units first, or correct the code.", code=shown),
        "site": _("There is no site with the code %(code)s. Import the sites first, or correct the code.", code=shown),
        "room": _("There is no room with the code %(code)s at this site. Import the rooms first, or correct the code.",
                  code=shown),
        "device": _("There is no device %(name)s. Write its name at the same site, site code/name, or its code.",
                    name=shown),
        "link": _("There is no line %(name)s. Write its name at the same site, or site code/name.", name=shown),
        "service": _("There is no service named %(name)s. Import the services first, or correct the name.", name=shown),
        "credential": _("There is no credential named %(name)s. Make it in EduNOC first, or correct the name.",
                        name=shown),
    }[word]
