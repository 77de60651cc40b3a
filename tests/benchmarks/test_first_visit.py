"""What a browser fetches on a first visit, as the benchmark of the pages counts it."""

from __future__ import annotations

from gzip import compress

from flask import Response

from benchmarks.pages import _fonts, _named_in

FACE = '@font-face{font-family:"Text";font-weight:%d;src:url(%s.woff2) format("woff2");unicode-range:%s}\n'
STYLES = "".join((
    FACE % (400, "extended", "U+100-2FF,U+1E00-1EFF"), FACE % (400, "vietnamese", "U+110-111,U+1EA0-1EF9"),
    FACE % (400, "latin", "U+0-FF"), FACE % (700, "bold", "U+0-FF"),
    '.mark{background:url("mark.svg")} .dot{background:url(data:image/svg+xml,x)}',
))


def letters(text: str) -> set[int]:
    return {ord(letter) for letter in text}


def test_of_two_fonts_with_a_letter_the_last_is_fetched():
    assert "extended.woff2" in _fonts(STYLES, letters("Đường truyền ở xã"))  # ư stands in no other
    assert set(_fonts(STYLES, letters("Đ ạ"))) == {"vietnamese.woff2", "latin.woff2", "bold.woff2"}
    assert set(_fonts(STYLES, letters("ạ"))) == {"vietnamese.woff2"}
    assert _fonts(STYLES, set()) == []


def test_a_style_sheet_names_pictures_and_fonts_but_not_what_it_carries():
    answer = Response(compress(STYLES.encode()), mimetype="text/css", headers={"Content-Encoding": "gzip"})
    assert _named_in(answer, letters("a")) == ["mark.svg", "bold.woff2", "latin.woff2"]


def test_a_page_names_what_is_fetched_at_once():
    page = """
        <link rel="stylesheet" href="/static/app.css"><link rel="alternate" href="/feed">
        <link rel="preload" as="font" href="/static/latin.woff2"><script src="/static/app.js" defer></script>
        <svg><use href="/static/icons.svg#bell"/></svg><img src="/static/mark.svg"><a href="/devices">x</a>
        <div hx-get="/bell?a=1&amp;b=2" hx-trigger="load, every 15s"></div>
        <div hx-get="/later" hx-trigger="click"></div>
    """
    assert sorted(_named_in(Response(page, mimetype="text/html"), set())) == [
        "/bell?a=1&b=2", "/static/app.css", "/static/app.js", "/static/icons.svg", "/static/latin.woff2",
        "/static/mark.svg",
    ]
    assert _named_in(Response("{}", mimetype="application/json"), set()) == []
