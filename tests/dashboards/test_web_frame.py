"""The frame: first start, sign-in, sessions, headers, languages, lists, words of times and numbers."""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from babel.numbers import format_decimal
from bs4 import BeautifulSoup
from openpyxl import load_workbook
from web_person import CODE, PASSWORD, Person

from core import Role, find_user, has_administrator, set_language, verify_audit
from dashboards.language import bit_rate, byte_size, duration, exact_time, number, percent, relative_time, short_time
from dashboards.lines import step_for, with_gaps
from dashboards.listing import Column, export, read_list_query
from dashboards.returning import safe_return
from dashboards.template_tools import seen
from dashboards.words import PERMISSIONS, ROLES, STATUS, status_word

# -- first start --


@pytest.fixture
def first(fresh_app) -> Person:
    return Person(fresh_app.test_client())


ADMIN = {
    "code": CODE,
    "full_name": "Quản trị",
    "username": "quantri",
    "password": "con meo den ngu",
    "again": "con meo den ngu",
}


def test_before_the_first_start_every_page_leads_there(fresh_app) -> None:
    client = fresh_app.test_client()
    for path in ("/", "/sign-in", "/devices", "/admin/users", "/nowhere"):
        assert client.get(path).location == "/start", path
    assert client.get("/api/v1/units").status_code == 503
    assert client.get("/healthz").status_code == 200


def test_the_code_makes_the_administrator_and_shows_three_ways(first: Person, database) -> None:
    first.get("/start")
    answer = first.post("/start", {**ADMIN, "code": CODE.lower().replace("-", " ")})
    assert answer.location == "/welcome"
    page = first.get("/welcome")
    assert page.status_code == 200
    assert "make demo" in page.text
    with database.reading() as session:
        assert has_administrator(session)
        assert find_user(session, "quantri").role == Role.ADMINISTRATOR.value
        assert verify_audit(session).reason == "ok"
    assert first.get("/start").status_code == 404


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"code": "AAAA-BBBB-DDDD"}, "code"),
        ({"code": ""}, "code"),
        ({"password": "short", "again": "short"}, "password"),
        ({"password": "quantri 12345", "again": "quantri 12345"}, "password"),
        ({"again": "other"}, "again"),
        ({"username": "a b"}, "username"),
    ],
)
def test_what_is_wrong_is_told_at_the_field_and_the_rest_is_kept(
    first: Person, database, change: dict, field: str
) -> None:
    first.get("/start")
    answer = first.post("/start", {**ADMIN, **change})
    assert answer.status_code == 422
    soup = BeautifulSoup(answer.text, "html.parser")
    assert soup.find(id=f"{field}-error") is not None
    assert soup.find("input", {"name": "full_name"})["value"] == "Quản trị"
    assert not soup.find("input", {"name": "password"}).get("value")
    with database.reading() as session:
        assert not has_administrator(session)


def test_guessing_the_code_is_limited(first: Person) -> None:
    first.get("/start")
    for _attempt in range(10):
        assert first.post("/start", {**ADMIN, "code": "XXXX"}).status_code == 422
    answer = first.post("/start", ADMIN)
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0


# -- sign in and out --


def test_a_wrong_password_and_a_wrong_name_look_alike(stranger: Person) -> None:
    texts = []
    for name in ("viewer", "nobody"):
        stranger.get("/sign-in")
        answer = stranger.post("/sign-in", {"username": name, "password": "wrong"})
        assert answer.status_code == 422
        texts.append(BeautifulSoup(answer.text, "html.parser").find(id="password-error").get_text(strip=True))
    assert texts[0] == texts[1]


def test_many_attempts_lock_the_name_for_a_while(stranger: Person) -> None:
    stranger.get("/sign-in")
    for _attempt in range(10):
        stranger.post("/sign-in", {"username": "viewer", "password": "wrong"})
    answer = stranger.post("/sign-in", {"username": "viewer", "password": PASSWORD})
    assert answer.status_code == 429
    assert re.search(r"\b5\b", answer.text)


def test_the_way_back_stays_inside(stranger: Person) -> None:
    stranger.get("/sign-in")
    answer = stranger.post("/sign-in", {"username": "viewer", "password": PASSWORD, "next": "https://evil.example/"})
    assert answer.location == "/"
    for target in ("//evil", "/\\evil", "https://evil", "javascript:alert(1)", "", None, "/a\nb"):
        assert safe_return(target) is None
    assert safe_return("/devices?q=a") == "/devices?q=a"


def test_signing_out_ends_the_session(as_role) -> None:
    person = as_role(Role.VIEWER)
    assert person.post("/sign-out").status_code == 302
    assert person.get("/account").status_code == 302


def test_signing_out_everywhere_ends_other_sessions(as_role) -> None:
    here, there = as_role(Role.VIEWER), as_role(Role.VIEWER)
    here.post("/sign-out", {"everywhere": "1"})
    assert there.get("/account").location.startswith("/sign-in")


def test_a_session_ends_with_its_hours(as_role, services, app, now) -> None:
    person = as_role(Role.VIEWER)
    later = now + timedelta(hours=13)
    object.__setattr__(services, "clock", lambda: later)
    assert person.get("/account").location.startswith("/sign-in")


def test_a_locked_out_person_is_out_at_once(as_role, database) -> None:
    person = as_role(Role.VIEWER)
    with database.session() as session:
        find_user(session, "viewer").is_enabled = False
    assert person.get("/account").location.startswith("/sign-in")


def test_the_cookie_is_guarded(stranger: Person) -> None:
    stranger.get("/sign-in")
    cookie = stranger.post("/sign-in", {"username": "viewer", "password": PASSWORD}).headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_a_new_password_must_be_good_and_ends_other_sessions(as_role) -> None:
    here, there = as_role(Role.VIEWER), as_role(Role.VIEWER)
    form = {"old": PASSWORD, "new": "mot cau khac hon", "again": "mot cau khac hon"}
    assert here.post("/account/password", {**form, "old": "wrong"}).status_code == 422
    assert here.post("/account/password", {**form, "new": "x", "again": "x"}).status_code == 422
    assert here.post("/account/password", form).status_code == 302
    assert here.get("/account").status_code == 200
    assert there.get("/account").status_code == 302


# -- headers, errors, files --


def test_headers_forbid_inline_code_and_pages_hold_none(as_role) -> None:
    person = as_role(Role.ADMINISTRATOR)
    for path in ("/account", "/admin/users", "/admin/settings", "/admin/audit", "/admin/tokens/new", "/welcome"):
        answer = person.get(path)
        policy = answer.headers["Content-Security-Policy"]
        assert "unsafe" not in policy
        soup = BeautifulSoup(answer.text, "html.parser")
        assert not soup.find_all(style=True)
        assert not soup.find_all("style")
        assert all(script.get("src") for script in soup.find_all("script"))
        assert not [tag for tag in soup.find_all(True) if any(name.startswith("on") for name in tag.attrs)]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "no-store"


def test_a_first_visit_stays_within_300_kilobytes(as_role) -> None:
    person = as_role(Role.ADMINISTRATOR)
    wanted = {"Accept-Encoding": "gzip"}
    page = person.client.get("/admin/users", headers=wanted)
    soup = BeautifulSoup(gzip.decompress(page.data), "html.parser")
    names = {tag.get("src") or tag.get("href") for tag in soup.find_all(["script", "link", "img"])}
    names |= {use["href"].split("#")[0] for use in soup.find_all("use")}
    style = next(name for name in names if "vendor" in name and name.endswith(".css"))
    css = person.client.get(style).text
    names |= {f"/static/{file}" for file in re.findall(r"url\((be-vietnam[^)]+|public-sans[^)]+)\)", css)}
    names |= {f"/static/{file}" for file in ()}
    total = len(page.data)
    for name in names:
        answer = person.client.get(name, headers=wanted)
        assert answer.status_code == 200, name
        assert "immutable" in answer.headers["Cache-Control"]
        total += len(answer.data)
    assert total <= 300_000, total


@pytest.mark.parametrize("path", ["/nowhere", "/static/../app.py", "/static/none.css"])
def test_a_missing_page_says_so_in_words(as_role, path: str) -> None:
    answer = as_role(Role.VIEWER).get(path)
    assert answer.status_code == 404
    assert "request_id" not in answer.text


def test_an_error_of_ours_is_told_without_its_inside(services) -> None:
    from dashboards import create_app
    from dashboards.access import public

    app = create_app(services)
    app.extensions["edunoc_state"]["has_administrator"] = True

    @public
    def broken() -> str:
        raise RuntimeError("the secret inside")

    app.add_url_rule("/broken", "broken", broken)
    app.add_url_rule("/api/v1/broken", "api_broken", broken)
    for path, kind in (("/broken", "text/html"), ("/api/v1/broken", "application/problem+json")):
        answer = app.test_client().get(path)
        assert (answer.status_code, answer.mimetype) == (500, kind)
        assert "secret inside" not in answer.text
        assert answer.headers["X-Request-ID"] in answer.text


# -- language, theme --


def test_vietnamese_unless_somebody_wants_english(stranger: Person) -> None:
    assert '<html lang="vi"' in stranger.get("/sign-in").text
    assert '<html lang="vi"' in stranger.get("/sign-in", headers={"Accept-Language": "en-GB,en;q=0.9"}).text
    stranger.client.set_cookie("language", "en")
    assert '<html lang="en"' in stranger.get("/sign-in").text


def test_a_choice_is_remembered_with_the_person(as_role, database) -> None:
    person = as_role(Role.VIEWER)
    answer = person.post("/preferences", {"language": "en", "theme": "dark", "next": "/account"})
    assert answer.location == "/account"
    page = person.get("/account")
    assert '<html lang="en" data-theme="dark"' in page.text
    with database.reading() as session:
        assert find_user(session, "viewer").theme == "dark"


def test_a_demonstration_is_marked_on_every_page(services, as_role, app) -> None:
    from web_person import SECTIONS

    from core import load_settings

    data_dir = str(services.settings.core.data_dir)
    settings = load_settings(SECTIONS, environ={"EDUNOC_DATA_DIR": data_dir, "EDUNOC_IS_DEMO": "true"})
    object.__setattr__(services, "settings", settings)
    person = as_role(Role.ADMINISTRATOR)
    for path in ("/account", "/admin/users", "/nowhere"):
        assert "banner-demo" in person.get(path).text


# -- lists --

COLUMNS = (Column("Name", "name"), Column("Other"))


def test_a_url_becomes_a_query_and_nonsense_the_default() -> None:
    args = {"q": " a ", "sort": "name", "dir": "desc", "page": "3", "per": "25", "kind": "ap", "other": "x"}
    query = read_list_query(args, COLUMNS, ("kind",))
    assert (query.text, query.sort, query.is_descending, query.page, query.per_page) == ("a", "name", True, 3, 25)
    assert query.filters == {"kind": "ap"}
    wild = {"sort": "drop table", "dir": "x", "page": "-1", "per": "9999999", "format": "exe"}
    assert read_list_query(wild, COLUMNS, (), "name") == read_list_query({}, COLUMNS, (), "name")


def test_changing_a_filter_returns_to_the_first_page() -> None:
    query = read_list_query({"page": "3", "q": "a"}, COLUMNS)
    assert query.url(sort="name") == "?q=a&sort=name"
    assert "page=4" in query.url(page=4)


def test_an_export_hides_formulas_and_keeps_letters() -> None:
    rows = [("=1+1", 5, datetime(2026, 11, 23, tzinfo=UTC), None), ("Đường truyền", 1.5, "@x", "\x01")]
    text = export("list", ("a", "b", "c", "d"), rows, "csv").get_data().decode("utf-8-sig")
    cells = list(csv.reader(io.StringIO(text)))
    assert cells[1][:2] == ["'=1+1", "5"]
    assert cells[2][0] == "Đường truyền"
    sheet = load_workbook(io.BytesIO(export("list", ("a", "b", "c", "d"), rows, "xlsx").get_data())).active
    assert sheet["A2"].value == "=1+1"
    assert sheet["A2"].data_type == "s"


# -- words --

NOW = datetime(2026, 11, 23, 0, 45, tzinfo=UTC)


@pytest.mark.parametrize(
    ("shown", "wanted"),
    [
        (number(1234567.5, 1), "1.234.567,5"),
        (number(None), "–"),
        (number(float("nan")), "–"),
        (percent(0.255, 1), "25,5 %"),
        (percent(None), "–"),
        (bit_rate(823_456_789), "823 Mbit/s"),
        (bit_rate(1_500_000), "1,5 Mbit/s"),
        (bit_rate(0), "0 bit/s"),
        (byte_size(1536), "1,5 KiB"),
        (exact_time(NOW, "Asia/Ho_Chi_Minh"), "23/11/2026 07:45:00"),
        (short_time(NOW - timedelta(hours=1), NOW, "Asia/Ho_Chi_Minh"), "06:45"),
        (short_time(NOW - timedelta(days=1), NOW, "Asia/Ho_Chi_Minh"), "22/11 07:45"),
    ],
)
def test_numbers_and_times_in_vietnamese_style(shown: str, wanted: str) -> None:
    assert shown.replace("\xa0", " ") == wanted


def test_durations_in_words() -> None:
    set_language("en")
    assert duration(timedelta(days=2, hours=3, minutes=4)) == "2 days 3 hours"
    assert duration(61) == "1 minute"
    assert duration(0) == "0 seconds"
    assert duration(None) == "–"
    assert relative_time(NOW - timedelta(minutes=3), NOW) == "3 minutes ago"
    assert relative_time(NOW + timedelta(hours=2), NOW) == "in 2 hours"
    assert relative_time(None, NOW) == "never"


def test_unknown_is_never_good() -> None:
    for state in (None, "", "nonsense", "unknown", 7):
        assert status_word(state) is STATUS["unknown"]
    assert len({word.icon for word in STATUS.values()}) == len(STATUS)


def test_every_role_and_permission_has_its_word() -> None:
    from core import Permission

    assert set(ROLES) == set(Role)
    assert set(PERMISSIONS) == set(Permission)


def test_text_of_devices_cannot_turn_or_hide() -> None:
    assert seen("a\u202eb\u200bc\x1b[31m") == "a\ufffdb\ufffdc\ufffd[31m"
    assert seen("x" * 50, 10) == "x" * 9 + "…"
    assert seen(None) == ""


# -- charts --


def test_a_gap_is_a_gap() -> None:
    import numpy as np

    ts = np.array([0, 60, 120, 600, 660]) * 1000
    times, (values,) = with_gaps(ts, None, np.array([1.0, 2, 3, 4, 5]))
    assert times == [0, 60_000, 120_000, 180_000, 600_000, 660_000]
    assert values == [1, 2, 3, None, 4, 5]
    assert with_gaps(np.array([], np.int64), None, np.array([])) == ([], [[]])


@pytest.mark.parametrize(
    ("hours", "points", "step"), [(1, 600, None), (24, 600, 300_000), (720, 600, 7_200_000), (8760, 600, 86_400_000)]
)
def test_steps_fall_on_round_times(hours: int, points: int, step: int | None) -> None:
    assert step_for(hours * 3_600_000, points) == step


def test_every_icon_that_a_page_names_is_in_the_sprite() -> None:
    room = Path(__file__).parents[2] / "dashboards"
    sprite = set(json.loads((room / "frontend" / "icons.json").read_text(encoding="utf-8")))
    named = set()
    for path in [*(room / "templates").rglob("*.html"), *(room / "pages").rglob("*.py"), room / "words.py"]:
        text = path.read_text(encoding="utf-8")
        named |= set(re.findall(r"""ui\.icon\(["']([a-z0-9-]+)["']""", text))
        named |= set(re.findall(r"""icon_name=["']([a-z0-9-]+)["']""", text))
        named |= set(re.findall(r"""ui\.empty\(["']([a-z0-9-]+)["']""", text))
        named |= set(re.findall(r"""(?:MenuItem|Word)\([^)]*?_l\("[^"]*"\), "([a-z0-9-]+)",""", text))
    assert named - sprite == set()


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("whole", [0, 7, -1, 999, 1000, -1000, 12_345, 1_234_567, 10**15])
def test_whole_numbers_look_as_the_locale_writes_them(whole: int, language: str) -> None:
    assert number(whole, 0, language) == number(whole, 2, language) == format_decimal(whole, "#,##0", language)
