"""People and tokens: passwords, signing in, the last administrator, expiry and revocation; on both databases."""

from __future__ import annotations

import unicodedata
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core import (
    Database,
    NewToken,
    NewUser,
    Permission,
    Role,
    create_token,
    create_user,
    end_sessions,
    find_token,
    find_user,
    get_user,
    has_administrator,
    is_last_administrator,
    list_tokens,
    list_users,
    new_one_time_code,
    password_problem,
    revoke_token,
    set_password,
    set_preferences,
    sign_in,
    touch_token,
    use_language,
    username_problem,
)
from core.passwords import MAX_LENGTH, check_password, hash_password

GOOD = "truong em nhieu cay xanh"


def a_person(name: str = "engineer", role: Role = Role.NETWORK_ENGINEER, **more: object) -> NewUser:
    return NewUser(name, GOOD, role, **more)


@pytest.mark.parametrize(("password", "words"), [
    ("", "at least 10"), ("short", "at least 10"), ("a" * (MAX_LENGTH + 1), "at most 200"), ("aaaabbbbcc", "different"),
    ("1234567890", "first that attackers try"), ("Password123!", "first that attackers try"),
    ("matkhau2026!!", "first that attackers try"), ("my-Engineer-pass", "user name"),
])
def test_bad_password_is_told_why(password: str, words: str) -> None:
    with use_language("en"):
        assert words in (password_problem(password, "engineer") or "")


@pytest.mark.parametrize("password", [GOOD, "Sân trường có 3 cây bàng", "😀🎒📚✏️🏫🖍️📐🧮🎓🧪", "x" * 5 + "abcdefg"])
def test_good_password(password: str) -> None:
    assert password_problem(password, "engineer") is None


@settings(max_examples=5, deadline=None)
@given(st.text(max_size=MAX_LENGTH))
def test_password_fits_its_hash_only(password: str) -> None:
    hashed = hash_password(password)
    assert check_password(hashed, password) and not check_password(hashed, password + "x")
    assert hashed.startswith("$argon2id$") and (len(password) < 4 or password not in hashed)


def test_accents_may_be_typed_in_any_form() -> None:
    """A phone sends one code point for "ậ", another keyboard sends three."""
    hashed = hash_password(unicodedata.normalize("NFC", "mật khẩu của trường"))
    assert check_password(hashed, unicodedata.normalize("NFD", "mật khẩu của trường"))


@pytest.mark.usefixtures("real_hasher")
def test_guessing_is_dear() -> None:
    """RFC 9106, section 4: 64 MiB and three passes where memory is short."""
    hashed = hash_password(GOOD)
    assert hashed.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert check_password(hashed, GOOD)


@pytest.mark.parametrize("hashed", ["", "plain", "$argon2id$v=19$broken"])
def test_unusable_hash_opens_to_nobody(hashed: str) -> None:
    assert not check_password(hashed, GOOD) and not check_password(hashed, "")


def test_one_time_codes_are_readable_and_differ() -> None:
    codes = {new_one_time_code() for _turn in range(200)}
    assert len(codes) == 200
    assert all(len(code) == 14 and not set(code) & set("01OIL") for code in codes)


@pytest.mark.parametrize("name", ["gv", "tran.van-1", "a@edu.vn", "A_b+c"])
def test_good_user_names(name: str) -> None:
    assert username_problem(name) is None


@pytest.mark.parametrize("name", ["", "a", "thầy", "Đào", "two words", "x" * 65, "a\x00b", "<b>", "-x", "a\nb"])
def test_bad_user_names(either: Database, now: datetime, name: str) -> None:
    assert username_problem(name)
    with pytest.raises(ValueError), either.session() as session:
        create_user(session, a_person(name), now)


def test_name_is_taken_without_regard_to_case(either: Database, now: datetime) -> None:
    with either.session() as session:
        create_user(session, a_person("Engineer"), now)
    with pytest.raises(ValueError), either.session() as session:
        create_user(session, a_person(" ENGINEER "), now)


def test_signing_in(either: Database, now: datetime) -> None:
    with either.session() as session:
        made = create_user(session, a_person(), now)
        assert sign_in(session, "engineer", "wrong", now) is None
        assert sign_in(session, "nobody", GOOD, now) is None
        assert sign_in(session, "engineer", "", now) is None
        assert made.last_sign_in_at is None
        assert sign_in(session, " Engineer ", GOOD, now) is made and made.last_sign_in_at == now
        made.is_enabled = False
        assert sign_in(session, "engineer", GOOD, now) is None


def test_new_password_and_signing_out_end_all_sessions(either: Database, now: datetime) -> None:
    with either.session() as session:
        user = create_user(session, a_person(), now)
        stamps = [user.session_stamp]
        set_password(user, "another good sentence", must_change=True)
        stamps.append(user.session_stamp)
        end_sessions(user)
        stamps.append(user.session_stamp)
        assert len(set(stamps)) == 3 and user.must_change_password
        assert sign_in(session, "engineer", GOOD, now) is None
        assert sign_in(session, "engineer", "another good sentence", now) is user


def test_last_administrator_is_known(either: Database, now: datetime) -> None:
    with either.session() as session:
        assert not has_administrator(session)
        first = create_user(session, a_person("first", Role.ADMINISTRATOR), now)
        engineer = create_user(session, a_person(), now)
        assert has_administrator(session)
        assert is_last_administrator(session, first) and not is_last_administrator(session, engineer)
        second = create_user(session, a_person("second", Role.ADMINISTRATOR), now)
        assert not is_last_administrator(session, first)
        second.is_enabled = False
        session.flush()
        assert is_last_administrator(session, first)
        first.is_enabled = False
        session.flush()
        assert not has_administrator(session)


@pytest.mark.parametrize(("words", "names"), [
    ("", ["A1", "b2", "c3"]), ("dang", ["b2"]), ("ĐẶNG", ["b2"]), ("C3", ["c3"]), ("@edu", ["A1"]), ("%", []),
    ("_", []),
])
def test_people_are_found_without_accents(either: Database, now: datetime, words: str, names: list[str]) -> None:
    with either.session() as session:
        create_user(session, a_person("c3"), now)
        create_user(session, a_person("b2", full_name="Tổ trưởng Đặng"), now)
        create_user(session, a_person("A1", email="a1@edu.vn"), now)
    with either.reading() as session:
        assert [user.username for user in list_users(session, words)] == names


def test_preferences_take_known_words_only(either: Database, now: datetime) -> None:
    with either.session() as session:
        user = create_user(session, a_person(), now)
        set_preferences(user, language="en", theme="dark")
        set_preferences(user, language="xx", theme="pink")
        assert (user.language, user.theme) == ("en", "dark")
        assert get_user(session, user.id) is user and get_user(session, 4711) is None


def test_token_is_shown_once_and_kept_as_a_digest(either: Database, now: datetime) -> None:
    with either.session() as session:
        token, shown = create_token(session, NewToken(" telegraf ", frozenset({Permission.WRITE_SAMPLES})), now)
        assert shown.startswith("edunoc_") and len(shown) > 40 and token.name == "telegraf"
        kept = " ".join(str(value) for value in vars(token).values())
        assert shown not in kept
        assert find_token(session, shown, now) is token
        assert token.can(Permission.WRITE_SAMPLES) and not token.can(Permission.VIEW)


@pytest.mark.parametrize("shown", ["", "edunoc_", "edunoc_" + "x" * 43, "x" * 100_000, "\x00", "ữ"])
def test_unknown_token(either: Database, now: datetime, shown: str) -> None:
    with either.session() as session:
        create_token(session, NewToken("telegraf", frozenset()), now)
        assert find_token(session, shown, now) is None


def test_token_expires_to_the_moment(either: Database, now: datetime) -> None:
    with either.session() as session:
        end = now + timedelta(days=1)
        token, shown = create_token(session, NewToken("telegraf", frozenset(), expires_at=end), now)
        assert find_token(session, shown, end - timedelta(microseconds=1)) is token
        assert find_token(session, shown, end) is None and find_token(session, shown, end + timedelta(1)) is None


def test_revoked_token_stays_revoked(either: Database, now: datetime) -> None:
    with either.session() as session:
        token, shown = create_token(session, NewToken("telegraf", frozenset()), now)
        assert revoke_token(session, token.id, now) is token
        assert revoke_token(session, token.id, now + timedelta(days=1)) is token and token.revoked_at == now
        assert find_token(session, shown, now) is None and revoke_token(session, 4711, now) is None
        assert list_tokens(session) == [token]


def test_use_of_a_token_is_noted_to_the_minute(either: Database, now: datetime) -> None:
    with either.session() as session:
        token, _shown = create_token(session, NewToken("telegraf", frozenset()), now)
        token_id = token.id
    for seconds, noted in ((0, 0), (59, 0), (60, 60)):
        with either.session() as session:
            found = list_tokens(session)[0]
            touch_token(session, found, now + timedelta(seconds=seconds))
        with either.reading() as session:
            found = list_tokens(session)[0]
            assert found.id == token_id and found.last_used_at == now + timedelta(seconds=noted)


def test_unknown_user(either: Database) -> None:
    with either.reading() as session:
        assert find_user(session, "nobody") is None and find_user(session, "\x00'; --") is None
