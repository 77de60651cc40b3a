"""The audit chain: whatever is changed, taken out or moved is found; many writers keep it whole."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from core import AuditFilter, Database, Deed, Secret, append_audit, list_audit, read_audit, verify_audit
from core.audit import FIRST, MAX_DETAIL, AuditFields, canonical_detail, chain_digest, verify_chain

MOMENT = datetime(2026, 11, 23, 0, 45, 0, 123456, tzinfo=UTC)


def fill(database: Database, count: int = 5) -> list[str]:
    """So many entries; answers their digests."""
    with database.session() as session:
        return [
            append_audit(session, Deed("engineer", "device.update", "device", n, f"Port {n}", {"n": n}),
                         MOMENT + timedelta(seconds=n)).digest
            for n in range(count)
        ]


def verified(database: Database, expect: str | None = None):
    with database.reading() as session:
        return verify_audit(session, expect)


def tamper(database: Database, statement: str, **values: object) -> None:
    with database.session() as session:
        session.execute(text(statement), values)


def test_whole_chain_holds(either: Database) -> None:
    digests = fill(either)
    report = verified(either)
    assert (report.checked, report.broken_id, report.reason, report.head) == (5, None, "ok", digests[-1])


def test_empty_chain_holds(either: Database) -> None:
    report = verified(either)
    assert (report.checked, report.reason, report.head) == (0, "ok", FIRST)


@pytest.mark.parametrize(
    "column", ["actor", "action", "target_kind", "target_id", "summary", "detail", "digest", "previous"]
)
@pytest.mark.parametrize("entry_id", [1, 3, 5])
def test_every_changed_text_is_found(either: Database, column: str, entry_id: int) -> None:
    fill(either)
    tamper(either, f"UPDATE core_audit SET {column} = 'x' WHERE id = :id", id=entry_id)
    report = verified(either)
    assert report.broken_id == entry_id and report.checked == entry_id - 1
    assert report.reason == ("link" if column == "previous" else "digest")


def test_changed_time_is_found(either: Database) -> None:
    fill(either)
    tamper(either, "UPDATE core_audit SET at = '2026-11-23 00:45:02.123457' WHERE id = 3")
    assert (verified(either).broken_id, verified(either).reason) == (3, "digest")


@pytest.mark.parametrize("value", ["'yesterday'", "12", "x'00ff'", "''"])
@pytest.mark.parametrize("column", ["at", "summary", "digest", "previous"])
def test_nonsense_of_any_type_is_found_and_does_not_end_the_walk(database: Database, column: str, value: str) -> None:
    """SQLite keeps a value of any type in any column."""
    fill(database)
    tamper(database, f"UPDATE core_audit SET {column} = {value} WHERE id = 3")
    assert verified(database).broken_id == 3


def test_change_is_found_by_a_session_that_knows_the_entry(either: Database) -> None:
    fill(either)
    with either.reading() as session:
        kept = list(read_audit(session))
        session.rollback()
        tamper(either, "UPDATE core_audit SET summary = 'x' WHERE id = 2")
        assert verify_audit(session).broken_id == 2 and len(kept) == 5


@pytest.mark.parametrize(("entry_id", "found_at"), [(1, 2), (3, 4), (4, 5)])
def test_deleted_entry_is_found(either: Database, entry_id: int, found_at: int) -> None:
    fill(either)
    tamper(either, "DELETE FROM core_audit WHERE id = :id", id=entry_id)
    assert (verified(either).broken_id, verified(either).reason) == (found_at, "link")


def test_exchanged_entries_are_found(either: Database) -> None:
    fill(either)
    for old, new in ((2, 99), (3, 2), (99, 3)):
        tamper(either, "UPDATE core_audit SET id = :new WHERE id = :old", old=old, new=new)
    assert (verified(either).broken_id, verified(either).reason) == (2, "link")


def test_entry_slipped_in_is_found(either: Database) -> None:
    digests = fill(either)
    fields = AuditFields(MOMENT, "x", "y", "", "", "", "{}")
    tamper(
        either, "INSERT INTO core_audit (id, at, actor, action, target_kind, target_id, summary, detail, previous,"
        " digest) VALUES (6, '2026-11-23 00:45:00.123456', 'x', 'y', '', '', '', '{}', :previous, :digest)",
        previous=digests[2], digest=chain_digest(digests[2], fields),
    )
    assert (verified(either).broken_id, verified(either).reason) == (6, "link")


def test_cut_off_end_is_found_by_a_digest_noted_earlier(either: Database) -> None:
    digests = fill(either)
    tamper(either, "DELETE FROM core_audit WHERE id = 5")
    assert verified(either).reason == "ok"
    assert verified(either, expect=digests[-1]).reason == "expect"
    assert verified(either, expect=digests[3]).reason == "ok"


def test_chain_made_anew_is_found_by_a_digest_noted_earlier(either: Database) -> None:
    digests = fill(either)
    tamper(either, "DELETE FROM core_audit")
    with either.session() as session:
        append_audit(session, Deed("attacker", "nothing.happened"), MOMENT)
    assert verified(either).reason == "ok" and verified(either, expect=digests[0]).reason == "expect"


def test_entry_and_change_happen_together_or_not_at_all(either: Database) -> None:
    fill(either, 1)
    with pytest.raises(RuntimeError), either.session() as session:
        append_audit(session, Deed("engineer", "device.update"), MOMENT)
        raise RuntimeError("the change failed")
    assert verified(either).checked == 1


def test_many_writers_keep_one_chain(either: Database) -> None:
    problems: list[BaseException] = []

    def write(name: str) -> None:
        try:
            for n in range(10):
                with either.session() as session:
                    append_audit(session, Deed(name, "device.update", "device", n), MOMENT)
        except BaseException as error:
            problems.append(error)

    threads = [threading.Thread(target=write, args=(f"writer{n}",)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    report = verified(either)
    assert problems == [] and (report.checked, report.reason) == (60, "ok")


HOSTILE = "\x00<script>\x1b[2J\ud800=cmd|' /C calc'!A0\n" + "á" * 5000


def test_hostile_text_is_kept_harmless_and_whole(either: Database) -> None:
    with either.session() as session:
        append_audit(session, Deed(HOSTILE, HOSTILE, HOSTILE, HOSTILE, HOSTILE, {HOSTILE: HOSTILE * 9}), MOMENT)
    with either.reading() as session:
        (entry,) = list_audit(session, AuditFilter())[0]
    assert verified(either).reason == "ok"
    assert len(entry.summary) == 2000 and len(entry.actor) == 100 and len(entry.detail) <= MAX_DETAIL + 200
    assert "\x00" not in entry.summary + entry.detail


def test_detail_never_holds_a_secret(either: Database) -> None:
    with either.session() as session:
        append_audit(session, Deed("e", "credential.update", detail={"community": Secret("th3-real-w0rd")}), MOMENT)
    with either.reading() as session:
        (entry,) = list_audit(session, AuditFilter())[0]
    assert "***" in entry.detail and "th3-real-w0rd" not in entry.detail


@pytest.mark.parametrize(("wanted", "count"), [
    (AuditFilter(), 6), (AuditFilter(actor="engineer"), 5), (AuditFilter(action="device"), 5),
    (AuditFilter(action="device_"), 0), (AuditFilter(target_kind="device", target_id="3"), 1),
    (AuditFilter(words="PORT 4"), 1), (AuditFilter(words="%"), 1), (AuditFilter(words="_"), 0),
    (AuditFilter(since=MOMENT + timedelta(seconds=3)), 3), (AuditFilter(until=MOMENT + timedelta(seconds=3)), 3),
])
def test_filter(either: Database, wanted: AuditFilter, count: int) -> None:
    fill(either)
    with either.session() as session:
        append_audit(session, Deed("other", "user.update", summary="100 % done"), MOMENT + timedelta(seconds=9))
    with either.reading() as session:
        entries, total = list_audit(session, wanted, limit=2)
    assert total == count and len(entries) == min(2, count)
    assert [entry.id for entry in entries] == sorted((entry.id for entry in entries), reverse=True)


words = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
fields_of = st.builds(
    AuditFields, st.datetimes(timezones=st.just(UTC), min_value=datetime(2000, 1, 1), max_value=datetime(2100, 1, 1)),
    words, words, words, words, words, words,
)


def chained(all_fields: list[AuditFields]) -> list[tuple[int, str, str, AuditFields]]:
    rows, before = [], FIRST
    for number, fields in enumerate(all_fields, 1):
        digest = chain_digest(before, fields)
        rows.append((number, before, digest, fields))
        before = digest
    return rows


@given(st.lists(fields_of, min_size=1, max_size=8), st.data())
def test_any_removal_but_at_the_end_breaks_the_chain(all_fields: list[AuditFields], data: st.DataObject) -> None:
    rows = chained(all_fields)
    assert verify_chain(rows).reason == "ok"
    gone = data.draw(st.integers(0, len(rows) - 1))
    report = verify_chain(rows[:gone] + rows[gone + 1:], expect=rows[-1][2])
    assert report.reason == ("expect" if gone == len(rows) - 1 else "link")


@given(st.lists(fields_of, min_size=2, max_size=8), st.data())
def test_any_reordering_breaks_the_chain(all_fields: list[AuditFields], data: st.DataObject) -> None:
    rows = chained(all_fields)
    moved = data.draw(st.permutations(rows))
    assert (verify_chain(moved).reason == "ok") == (moved == rows)


@given(fields_of, fields_of)
def test_two_entries_never_look_alike(one: AuditFields, other: AuditFields) -> None:
    """Lengths are part of what is hashed: moving a letter from one field to the next changes the digest."""
    assert (chain_digest(FIRST, one) == chain_digest(FIRST, other)) == (one == other)


def test_letters_moved_between_fields_change_the_digest() -> None:
    one = AuditFields(MOMENT, "ab", "c", "", "", "", "")
    other = AuditFields(MOMENT, "a", "bc", "", "", "", "")
    assert chain_digest(FIRST, one) != chain_digest(FIRST, other)


@given(st.dictionaries(st.text(), st.one_of(st.text(), st.integers(), st.none(), st.lists(st.text()))))
def test_detail_is_json_that_every_database_keeps(detail: dict) -> None:
    text_of_it = canonical_detail(detail)
    assert "\x00" not in text_of_it
    text_of_it.encode()
