"""Server time of every page at the size of a province, the first visit's bytes, and a chart of 30 days.

Usage: python -m benchmarks.pages [--quick] [--json] [--cpu] [--profile PATH]
"""

from __future__ import annotations

import argparse
import cProfile
import pstats
import re
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from gzip import decompress
from itertools import cycle, islice
from pathlib import Path
from time import perf_counter, process_time
from typing import Any
from urllib.parse import urlencode, urljoin

import numpy as np
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from alerts import IncidentFilter, open_incidents
from benchmarks.meeting_pages import MEETING_API, MEETING_TURNS, fresh_board, meeting_values, values_of
from benchmarks.result import Result, print_results
from benchmarks.whole_province import PASSWORD, USER, WholeProvince, whole_province
from core import Scope
from dashboards.pages.families.figures import FAMILIES
from inventory import Site, Unit, touch_inventory

Timer = Callable[[], float]
PAGE_MS, CHART_MS, FILE_MS, VISIT_KB = 100, 200, 500, 300
WARM_UP, REQUESTS = 3, 40
TOKEN = re.compile(r'name="csrf-token" content="([^"]+)"')

# Not pages of a signed-in person: files, doors, and what sends elsewhere
LEFT_OUT = (
    "topology.node", "assets.", "health.", "home.", "start.", "sign_in.", "metrics.", "api_", "openapi",
    "inventory.get_", "jitsi.", "kiosk.", "meeting_invitations.lead_on",
)
# Arguments of tables that do not grow with the province
SMALL = {"channel_id", "route_id", "rule_id", "credential_id", "user_id", "request_id", "run_id", "order_id",
         "service_id", "wish_id"}  # fmt: skip
FILES = ("/attendance/workbook", "/minutes/document")  # made to be downloaded: 700 rows of a workbook, a paper
SMALL_PAGES = ("inventory.trial", "meetings_join.enter")  # a trial of an import; the way into a room sends elsewhere
# Words in addresses, and the queries without which a page has nothing to do
WORDS: dict[str, Sequence[str]] = {
    "devices.part": ("now", "around", "measured", "ports"), "devices.chart": ("traffic", "rtt", "cpu"),
    "inventory.records": ("unit", "site", "room", "device", "link"),
    "inventory.new": ("unit", "site", "device", "link"), "inventory.edit": ("device",),
    "inventory.ask_delete": ("device",), "inventory.choices": ("device", "room", "site", "unit"),
    "wifi.chart": ("busy", "clients"), "families.show_one": tuple(FAMILIES),
    "meeting_reports.show": ("online", "assured"), "meeting_reports.meetings": ("online",),
    "meeting_reports.formula": ("online",), "endpoints.chart": ("speech", "loss", "delay"),
    "meeting_servers.chart": ("traffic", "loss", "answers"),
}
QUERIES: dict[str, Sequence[str]] = {
    "frame.search": (
        "?q=00:00:5e:10:00", "?q=10.12.3.4", "?q=truong+so+99", "?q=switch", "?q=10.12", "?q=th",
        "?q=m%C3%A1y+chi%E1%BA%BFu",
    ),
    "find.index": ("", "?q=00:00:5e:10:00", "?q=5e1003", "?q=10.12.3.4", "?q=0012", "?q=PM1-03"),
    "devices.port": ("?key=if%3AGi1%2F0%2F7",), "inventory.choices": ("?for=q&q=truong", "?for=q&q=12"),
}
# Lists as people turn them: a search, a filter, another order, a page far inside; and what holds the whole province
TURNS = (
    "/devices?q=switch", "/devices?q=truong+so+9", "/devices?kind=ap&sort=name", "/devices?state=down",
    "/devices?sort=site&dir=desc&page=40", "/devices?per=200", "/incidents?state=closed", "/incidents?q=truong",
    "/incidents?per=200", "/incidents?page=3", "/sites?q=so+9", "/sites?state=down", "/sites?page=9", "/sites?per=200",
    "/inventory/device?q=switch", "/inventory/device?sort=-name&page=500", "/inventory/device?per=200", "/units/1",
    "/topology?with=found", "/topology?sort=lines&dir=desc&page=3", "/find/news?kind=mac_moved", "/find/news?q=5e:a0",
    "/wifi?sort=busy&dir=desc", "/wifi?state=good&page=3", "/families/switch?sort=use&dir=desc&per=200",
    "/families/computer?page=99", "/power?sort=lasts", "/printers?per=200", "/power/cuts?per=200",
    "/inventory/unit/1/delete", "/api/v1/devices", "/api/v1/sites?page=9", "/api/v1/incidents",
)


def run(quick: bool = False) -> list[Result]:
    """The figures. `quick` takes a tenth of the province and a quarter of the requests."""
    return list(measure(quick))


def measure(quick: bool, timer: Timer = perf_counter) -> Iterator[Result]:
    """The figures as they come."""
    sites, devices = (100, 6_000) if quick else (1_000, 60_000)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        province = stack.enter_context(
            whole_province(folder, sites, devices, has_networks=True, has_meetings=True))
        client = _signed_in(province)
        for name, urls in _pages(province, client):
            budget = FILE_MS if name.endswith(FILES) else PAGE_MS
            yield _timed(name, client, urls, quick, budget, timer)
        yield fresh_board(province, client)
        yield _after_edit(province, client)
        yield from _charts(province, client, quick)
        yield _first_visit(province)


def _signed_in(province: WholeProvince) -> FlaskClient:
    client = province.house.web.test_client()
    token = TOKEN.search(client.get("/sign-in").text).group(1)
    client.post("/sign-in", data={"username": USER, "password": PASSWORD, "csrf_token": token})
    if client.get("/overview").status_code != 200:
        raise RuntimeError("the benchmark could not sign in")
    return client


def _pages(province: WholeProvince, client: FlaskClient) -> list[tuple[str, list[str]]]:
    """(name, addresses) of every page there is, found in the application itself so that none is forgotten."""
    values, of_meetings = _values(province), meeting_values(province)
    found = []
    for rule in sorted(province.house.web.url_map.iter_rules(), key=lambda one: one.rule):
        is_left_out = rule.endpoint.startswith((*LEFT_OUT, *SMALL_PAGES)) or rule.arguments & SMALL
        if "GET" not in rule.methods or (is_left_out and rule.endpoint not in MEETING_API):
            continue
        # A projector has a page of its own beside the one that every device has
        known = {**values, "device_id": values["projector"]} if rule.endpoint.startswith("projectors.") else values
        urls = _addresses(client, rule, known | values_of(rule.endpoint, of_meetings))
        if rule.endpoint.endswith((".chart", ".port")):  # not everything has something to draw
            urls = [url for url in dict.fromkeys(urls) if client.get(url).status_code != 404]
        if urls and client.get(urls[0]).status_code in (302, 303):  # sends elsewhere
            continue
        if not urls:
            raise RuntimeError(f"nothing in the province has the page {rule.rule}")
        found.append((re.sub(r"<any\([^)]*\):(\w+)>", r"<\1>", rule.rule), urls))
    switches = [f"/devices/{one}" for one in province.switches[:30]]
    own = dict(zip(province.cast.device.tolist(), province.cast.site.tolist(), strict=True))
    nodes = [f"/sites/{own[one]}/topology/node?key=device:{one}" for one in province.switches[:200:5].tolist()]
    return [
        *found, ("/sites/<int:site_id>/topology/node", nodes), *((turn, [turn]) for turn in (*TURNS, *MEETING_TURNS)),
        ("/devices/<int:device_id> with 52 ports", switches),
    ]


def _values(province: WholeProvince) -> dict[str, Sequence[Any]]:
    """What stands for each argument of an address."""
    with province.house.database.reading() as session:
        sites = [one.id for one in session.query(Site).limit(200)]
        units = [one.id for one in session.query(Unit).limit(200)]
        incidents = [one.id for one in open_incidents(session, Scope.everything(), IncidentFilter(), 40)]
    devices = province.cast.device[:: max(len(province.cast.device) // 30, 1)].tolist()
    projectors = province.cast.device[province.cast.kind == "projector"]
    return {
        "device_id": devices, "record_id": devices, "site_id": sites[::7], "unit_id": units[::7],
        "incident_id": incidents, "projector": projectors[:: max(len(projectors) // 30, 1)].tolist(),
    }


def _addresses(client: FlaskClient, rule: Rule, values: dict[str, Sequence[Any]]) -> list[str]:
    words = WORDS.get(rule.endpoint, ())
    values = {**values, "word": words, "refers": words}
    empty = [name for name in rule.arguments if not values.get(name)]
    if empty:
        raise RuntimeError(f"benchmarks/pages.py does not know what to put for {empty} in {rule.rule}")
    adapter = client.application.url_map.bind("localhost")
    columns = {name: islice(cycle(values[name]), REQUESTS) for name in rule.arguments}
    rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)] or [{}]
    paths = [adapter.build(rule.endpoint, row) for row in rows]
    queries = QUERIES.get(rule.endpoint, ("",))
    return [path + query for path in paths for query in queries][: max(REQUESTS, len(queries))]


def _timed(
    name: str, client: FlaskClient, urls: Sequence[str], quick: bool, budget: int = PAGE_MS, timer: Timer = perf_counter
) -> Result:
    count = REQUESTS // 4 if quick else REQUESTS
    milliseconds = []
    for number, url in enumerate(islice(cycle(urls), WARM_UP + count)):
        began = timer()
        answer = client.get(url)
        _whole = answer.data
        taken = (timer() - began) * 1000
        if answer.status_code != 200:
            raise RuntimeError(f"{url} answered {answer.status_code}")
        if number >= WARM_UP:
            milliseconds.append(taken)
    usual, slow = np.percentile(milliseconds, (50, 95))
    text = f"<= {budget} ms p95"
    return Result(name, float(slow), "ms", "p50", float(usual), budget=text, is_within=bool(slow <= budget))


def _after_edit(province: WholeProvince, client: FlaskClient) -> Result:
    """Pages remember which devices there are; an edit makes the next page read them anew."""
    taken = []
    for _turn in range(5):
        with province.house.database.session() as session:
            touch_inventory(session)
        began = perf_counter()
        client.get("/devices")
        taken.append((perf_counter() - began) * 1000)
    return Result("/devices, the first after an edit of the inventory", float(np.median(taken)), "ms")


def _charts(province: WholeProvince, client: FlaskClient, quick: bool) -> list[Result]:
    """Eight lines over 30 days: by the page's own route and by the API."""
    end = int(province.moment().timestamp() * 1000)
    span = {"from": end - 30 * 86_400_000, "to": end, "points": 600}
    ports = [f"if:Gi1/0/{n}" for n in (3, 9, 21, 40)]
    page = f"/devices/{province.charted}/chart/traffic?" + urlencode({**span, "port": ports}, doseq=True)
    names = {"device": province.charted, "metric": "if_in_octets_total,if_out_octets_total", "part": ",".join(ports)}
    api = "/api/v1/window?" + urlencode({**span, **names})
    lines = [len(client.get(page).json["series"]), len(client.get(api).json["series"])]
    if lines != [8, 8]:
        raise RuntimeError(f"the charts have {lines} lines, not 8")
    return [
        _timed("30 days of 8 series, page", client, [page], quick, CHART_MS),
        _timed("30 days of 8 series, API", client, [api], quick, CHART_MS),
    ]


def _first_visit(province: WholeProvince) -> Result:
    """Bytes of the page after sign-in and of all it names: scripts, styles, icons, fonts for its letters."""
    client = _signed_in(province)
    letters = {ord(letter) for letter in client.get("/overview").text}
    total, waiting, seen = 0, ["/overview"], set()
    while waiting:
        url = waiting.pop()
        if url in seen:
            continue
        seen.add(url)
        answer = client.get(url, headers={"Accept-Encoding": "gzip"})
        total += len(answer.data) + sum(len(f"{name}: {value}\r\n") for name, value in answer.headers)
        waiting += [urljoin(url, found) for found in _named_in(answer, letters)]
    return Result(
        f"first visit over the wire, compressed, {len(seen)} requests", total / 1000, "kB", budget=f"<= {VISIT_KB} kB",
        is_within=total / 1000 <= VISIT_KB,
    )


def _named_in(answer: Any, letters: set[int]) -> list[str]:
    """What a page or a style sheet makes the browser fetch from us."""
    data = decompress(answer.data) if answer.headers.get("Content-Encoding") == "gzip" else answer.data
    if answer.mimetype == "text/css":
        text = data.decode()
        plain = re.findall(r"url\([\"']?([^\"')]+)[\"']?\)", re.sub(r"@font-face\{[^}]*\}", "", text))
        return [*(one for one in plain if not one.startswith("data:")), *_fonts(text, letters)]
    if answer.mimetype != "text/html":
        return []
    text = data.decode()
    found = re.findall(r"<(?:script|img)[^>]+src=\"([^\"]+)\"", text) + re.findall(r"<use[^>]+href=\"([^\"#]+)", text)
    for link in re.findall(r"<link[^>]+>", text):
        if re.search(r"rel=\"(?:stylesheet|preload|modulepreload|icon|manifest)", link):
            found += re.findall(r"href=\"([^\"]+)\"", link)
    loads = [tag for tag in re.findall(r"<[^>]+hx-get=[^>]+>", text) if "load" in tag]
    return found + [url.replace("&amp;", "&") for tag in loads for url in re.findall(r"hx-get=\"([^\"]+)\"", tag)]


def _fonts(css: str, letters: set[int]) -> list[str]:
    """Fonts of every weight that hold a letter of the page. Of two faces with a letter the one declared last is taken
    (CSS Fonts 4, 5.2)."""
    left: dict[tuple[str, str], set[int]] = {}
    found = []
    for face in reversed(re.findall(r"@font-face\{([^}]*)\}", css)):
        words = dict(part.split(":", 1) for part in face.split(";") if ":" in part)
        wanted = left.setdefault((words["font-family"], words.get("font-weight", "")), set(letters))
        held = {letter for letter in wanted if _is_in(letter, words.get("unicode-range", "U+0-10FFFF"))}
        wanted -= held
        if held:
            found += re.findall(r"url\(([^)]+)\)", words["src"])
    return found


def _is_in(letter: int, ranges: str) -> bool:
    for one in ranges.replace("U+", "").replace("u+", "").split(","):
        first, _dash, last = one.strip().partition("-")
        if int(first, 16) <= letter <= int(last or first, 16):
            return True
    return False


def profile(path: str, quick: bool) -> None:
    """Where a page's time goes, to standard output."""
    sites, devices = (100, 6_000) if quick else (1_000, 60_000)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        province = stack.enter_context(
            whole_province(folder, sites, devices, has_networks=True, has_meetings=True))
        client = _signed_in(province)
        for url in path.split(","):
            client.get(url)
            watch = cProfile.Profile()
            watch.enable()
            for _turn in range(10):
                client.get(url)
            watch.disable()
            print(f"== {url}, 10 requests")
            pstats.Stats(watch).sort_stats("cumulative").print_stats(45)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of the province")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    parser.add_argument("--cpu", action="store_true", help="processor time, for a machine that is busy with other work")
    parser.add_argument("--profile", metavar="PATH", help="profile these pages instead, separated by commas")
    arguments = parser.parse_args()
    if arguments.profile:
        profile(arguments.profile, arguments.quick)
    else:
        print_results(measure(arguments.quick, process_time if arguments.cpu else perf_counter), arguments.json)
