"""Who gets which message when a meeting is made, changed, moved or called off. Pure: told before, wanted now.

Only those whom something concerns get mail: the new are invited, the removed get a cancellation, everybody else an
update when what they were told no longer holds (RFC 5546 sections 3.2.2 and 3.2.5).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from conference.invitations.facts import Book, Entry, Outgoing, Recipient, Told, Wanted, fingerprint, pattern_of
from conference.invitations.words import CALLED_OFF, CANCEL, CHANGED, FAILED, INVITED, REMOVED, REQUEST, SENT

# From so many meetings of a series called off at once, one update of the series says it, not one mail each
MOST_SINGLE = 3


def messages_for(before: Wanted | None, after: Wanted, now: datetime) -> list[Outgoing]:
    """What a change would send if everybody was told of `before`: the preview of a form."""
    return messages(book_of(before) if before is not None else {}, after, now)


def messages(told: Book, wanted: Wanted, now: datetime) -> list[Outgoing]:
    """The messages that make everybody know what is wanted, given what they were told. [] when they know."""
    boxes = sorted({key for key, _occurrence in told} | set(wanted.entry.recipients)
                   | {key for one in wanted.exceptions for key in one.recipients})
    if wanted.entry.facts.rule == "":
        return [one for box in boxes for one in _about_whole(box, told, wanted, now, frozenset())]
    return [one for box in boxes for one in _about_series(box, told, wanted, now)]


def _knows(told: Told | None) -> bool:
    """Whether a mailbox has the entry in its calendar, as far as we can know."""
    return told is not None and told.method == REQUEST and told.state != FAILED


def _about_whole(
    box: str, told: Book, wanted: Wanted, now: datetime, excluded: frozenset[datetime], must: bool = False
) -> Iterator[Outgoing]:
    """The entry itself. `must`: an update is due for a reason that the fingerprint does not show."""
    entry, last = wanted.entry, told.get((box, None))
    if not entry.facts.rule and entry.facts.ends_at <= now:
        return  # nobody needs to hear of yesterday
    recipient = entry.recipients.get(box)
    if recipient is None or entry.is_off:
        if _knows(last):
            cause = CALLED_OFF if entry.is_off else REMOVED
            yield Outgoing(CANCEL, cause, _next(entry, last), entry, recipient or _gone(last))
        return
    mark = fingerprint(entry.facts, recipient)
    if last is not None and last.method == REQUEST and last.fingerprint == mark and not must:
        return
    cause = CHANGED if _knows(last) else INVITED
    sequence = entry.sequence if last is None else _next(entry, last)
    yield Outgoing(REQUEST, cause, sequence, entry, recipient, mark, excluded)


def _about_series(box: str, told: Book, wanted: Wanted, now: datetime) -> Iterator[Outgoing]:
    whole = told.get((box, None))
    elsewhere = {one.occurrence_at for one in wanted.exceptions if box not in one.recipients}
    excluded = frozenset({*wanted.excluded, *(moment for moment in elsewhere if moment is not None)})
    called_off = [moment for moment in wanted.excluded if moment > now and _has(box, moment, told)]
    is_summed_up = len(called_off) > MOST_SINGLE
    first = list(_about_whole(box, told, wanted, now, excluded, must=is_summed_up and _knows(whole)))
    yield from first
    is_out = wanted.entry.is_off or box not in wanted.entry.recipients
    if is_out and any(one.method == CANCEL for one in first):
        if not wanted.entry.is_off:
            yield from _about_single(box, told, wanted, now, knows_series=False)
        return  # the cancellation of the series takes its meetings with it
    is_new = any(one.method == REQUEST for one in first)
    for moment in () if is_new and (is_summed_up or not _knows(whole)) else sorted(called_off):
        entry = wanted.excluded[moment]
        last = told.get((box, moment)) or whole
        recipient = entry.recipients.get(box) or _gone(last)
        yield Outgoing(CANCEL, CALLED_OFF, _next(entry, last), entry, recipient)
    yield from _about_single(box, told, wanted, now, knows_series=is_new or (_knows(whole) and not is_out))


def _about_single(
    box: str, told: Book, wanted: Wanted, now: datetime, knows_series: bool
) -> Iterator[Outgoing]:
    """Meetings of a series that differ from it, and those put back after they had been taken out."""
    whole = told.get((box, None))
    pattern = pattern_of(wanted.entry.facts)
    for entry in wanted.exceptions:
        if entry.facts.ends_at <= now or entry.occurrence_at is None:
            continue
        last, recipient = told.get((box, entry.occurrence_at)), entry.recipients.get(box)
        if recipient is None:
            if _knows(last) or (last is None and _knows(whole) and knows_series
                                and whole is not None and entry.occurrence_at not in whole.excluded):
                yield Outgoing(CANCEL, REMOVED, _next(entry, last or whole), entry, _gone(last or whole))
            continue
        if last is None and knows_series and _is_as_usual(box, entry, wanted) and not _is_left_out(entry, whole):
            continue  # only others come or stay away on that day
        mark = fingerprint(entry.facts, recipient, pattern)
        if last is None or last.method != REQUEST or last.fingerprint != mark:
            cause = CHANGED if _knows(last) or knows_series else INVITED
            yield Outgoing(REQUEST, cause, _next(entry, last or whole, wanted.entry), entry, recipient, mark)
    if not knows_series:
        return
    for moment, entry in wanted.usual.items():
        last, recipient = told.get((box, moment)), entry.recipients.get(box)
        if recipient is None or moment <= now:
            continue
        was_out = last is None and whole is not None and _knows(whole) and moment in whole.excluded
        mark = fingerprint(entry.facts, recipient, pattern)
        if was_out or (last is not None and (last.method == CANCEL or last.fingerprint != mark)):
            cause = CHANGED if _knows(last) else INVITED
            yield Outgoing(REQUEST, cause, _next(entry, last or whole, wanted.entry), entry, recipient, mark)
    yield from _about_lost(box, told, wanted, now)


def _is_as_usual(box: str, entry: Entry, wanted: Wanted) -> bool:
    """Whether the series' own entry already says about that day what this mailbox would be told."""
    facts, moment = wanted.entry.facts, entry.occurrence_at
    mine, usual = entry.recipients[box], wanted.entry.recipients.get(box)
    if moment is None or usual is None:
        return False
    there = replace(facts, starts_at=moment, ends_at=moment + (facts.ends_at - facts.starts_at), rule="")
    return entry.facts == there and (mine.role, mine.mode) == (usual.role, usual.mode)


def _is_left_out(entry: Entry, whole: Told | None) -> bool:
    return whole is not None and entry.occurrence_at in whole.excluded


def _about_lost(box: str, told: Book, wanted: Wanted, now: datetime) -> Iterator[Outgoing]:
    """Single meetings that a mailbox has, but the series no longer: it was moved to other days."""
    known = {*wanted.usual, *wanted.excluded, *(one.occurrence_at for one in wanted.exceptions)}
    for (key, moment), last in told.items():
        if key == box and moment is not None and moment > now and moment not in known and _knows(last):
            facts = wanted.entry.facts
            gone = replace(facts, starts_at=moment, ends_at=moment + (facts.ends_at - facts.starts_at))
            entry = replace(wanted.entry, facts=gone, occurrence_at=moment)
            yield Outgoing(CANCEL, CALLED_OFF, _next(entry, last), entry, _gone(last))


def _has(box: str, moment: datetime, told: Book) -> bool:
    """Whether a meeting of the series stands in the calendar of a mailbox."""
    single, whole = told.get((box, moment)), told.get((box, None))
    if single is not None:
        return _knows(single)
    return _knows(whole) and whole is not None and moment not in whole.excluded


def _next(entry: Entry, last: Told | None, series: Entry | None = None) -> int:
    """The SEQUENCE: the meeting's own, and always above what the mailbox has."""
    least = max(entry.sequence, series.sequence if series is not None else 0)
    return least if last is None else max(least, last.sequence + 1)


def _gone(last: Told | None) -> Recipient:
    assert last is not None
    return Recipient(last.email, last.name, last.participant_id)


def book_of(wanted: Wanted) -> Book:
    """What everybody knows who was told of it."""
    book: dict[tuple[str, datetime | None], Told] = {}
    if not wanted.entry.is_off:
        elsewhere: dict[str, set[datetime]] = {key: set(wanted.excluded) for key in wanted.entry.recipients}
        for one in wanted.exceptions:
            for key in elsewhere.keys() - one.recipients.keys():
                if one.occurrence_at is not None:
                    elsewhere[key].add(one.occurrence_at)
        for key, who in wanted.entry.recipients.items():
            mark = fingerprint(wanted.entry.facts, who)
            book[key, None] = _told(who, wanted.entry, mark, frozenset(elsewhere[key]))
    pattern = pattern_of(wanted.entry.facts)
    for one in wanted.exceptions:
        for key, who in one.recipients.items():
            book[key, one.occurrence_at] = _told(who, one, fingerprint(one.facts, who, pattern), frozenset())
    return book


def _told(who: Recipient, entry: Entry, mark: str, excluded: frozenset[datetime]) -> Told:
    return Told(who.name, who.email, REQUEST, entry.sequence, mark, SENT, excluded, who.participant_id)
