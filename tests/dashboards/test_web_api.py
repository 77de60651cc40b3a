"""The JSON API: records within the scope, measurements, work on request, errors as problem+json."""

from __future__ import annotations

import gzip
from datetime import timedelta

import pytest

from alerts import Incident
from core import Permission, Role
from telemetry import SeriesKey, make_batch

VIEW, EDIT, WRITE = Permission.VIEW, Permission.EDIT_INVENTORY, Permission.WRITE_SAMPLES


@pytest.fixture
def client(app):
    return app.test_client()


def test_lists_are_paged_with_links(client, token, places) -> None:
    answer = client.get("/api/v1/units?per_page=2&sort=code", headers=token(VIEW))
    assert answer.json["total"] == 3
    assert [unit["code"] for unit in answer.json["items"]] == ["SO", "TH1"]
    assert answer.headers["X-Total-Count"] == "3"
    assert 'rel="next"' in answer.headers["Link"]
    assert "page=2" in answer.headers["Link"]


def test_a_token_of_a_unit_sees_its_branch_only(client, token, places) -> None:
    header = token(VIEW, EDIT, unit_id=places.unit1)
    assert [one["id"] for one in client.get("/api/v1/devices", headers=header).json["items"]] == [places.device1]
    assert client.get(f"/api/v1/devices/{places.device2}", headers=header).status_code == 404
    assert client.patch(f"/api/v1/devices/{places.device2}", json={"name": "x"}, headers=header).status_code == 404
    assert client.delete(f"/api/v1/sites/{places.site2}", headers=header).status_code == 404
    assert (
        client.get(f"/api/v1/window?device={places.device2}&metric=cpu_used_ratio", headers=header).status_code == 404
    )


def test_a_record_is_made_changed_and_deleted(client, token, places) -> None:
    header = token(VIEW, EDIT)
    made = client.post("/api/v1/devices", json={"name": "ap-1", "site_id": places.site1, "kind": "ap"}, headers=header)
    assert made.status_code == 201
    assert made.headers["Location"].endswith(f"/api/v1/devices/{made.json['id']}")
    path = f"/api/v1/devices/{made.json['id']}"
    assert client.patch(path, json={"address": "10.9.9.9"}, headers=header).json["address"] == "10.9.9.9"
    assert client.delete(path, headers=header).status_code == 204
    assert client.get(path, headers=header).status_code == 404


def test_every_wrong_field_is_named(client, token, places) -> None:
    wrong = {"name": "", "site_id": places.site1, "address": "not an address", "interval_s": 1}
    answer = client.post("/api/v1/devices", json=wrong, headers=token(EDIT))
    assert answer.status_code == 422
    assert answer.mimetype == "application/problem+json"
    assert {"name", "address"} <= {error["field"] for error in answer.json["errors"]}


def test_json_of_the_wrong_shape_is_a_problem(client, token) -> None:
    for body in ({"name": 5}, {"surprise": True}):
        answer = client.post("/api/v1/units", json=body, headers=token(EDIT))
        assert (answer.status_code, answer.mimetype) == (422, "application/problem+json")
        assert answer.json["errors"]
    broken = client.post("/api/v1/units", data=b"{", content_type="application/json", headers=token(EDIT))
    assert (broken.status_code, broken.mimetype) == (400, "application/problem+json")


def test_an_unknown_filter_is_named(client, token) -> None:
    answer = client.get("/api/v1/devices?colour=red", headers=token(VIEW))
    assert answer.status_code == 400
    assert "colour" in answer.json["detail"]


def test_a_viewing_token_changes_nothing(client, token, places) -> None:
    assert client.post("/api/v1/units", json={"code": "X", "name": "X"}, headers=token(VIEW)).status_code == 403


def measure(services, device_id: int, now, values: list[float], metric: str = "cpu_used_ratio", part: str = "") -> int:
    """One value a minute, the last one now; the series' number."""
    series = services.registry.resolve(device_id, [SeriesKey(part, metric)])
    for age, value in enumerate(reversed(values)):
        at = (now - timedelta(minutes=age)).timestamp()
        services.ingest.submit(make_batch(series, [value], at))
    services.ingest.flush(now.timestamp())
    services.store.flush()
    return int(series[0])


def test_live_values_and_a_window(client, token, places, services, now) -> None:
    number = measure(services, places.device1, now, [0.1, 0.2, 0.3])
    header = token(VIEW)
    live = client.get(f"/api/v1/devices/{places.device1}/live", headers=header).json
    assert [(one["metric"], one["value"]) for one in live] == [("cpu_used_ratio", 0.3)]
    end = int(now.timestamp() * 1000) + 1
    window = client.get(f"/api/v1/window?series={number}&from={end - 3_600_000}&to={end}", headers=header).json
    assert window["series"][0]["mean"] == [0.1, 0.2, 0.3]
    assert window["series"][0]["unit"] == "ratio"
    by_name = client.get(f"/api/v1/window?device={places.device1}&metric=cpu_used_ratio&to={end}", headers=header).json
    assert by_name["series"][0]["series"] == number


def test_a_window_marks_incidents(client, token, places, services, database, now) -> None:
    number = measure(services, places.device1, now, [0.1, 0.2])
    with database.session() as session:
        session.add(
            Incident(
                cause="device:1",
                rule_id="device_down",
                severity="critical",
                severity_rank=0,
                state="open",
                titles={"vi": "Mất kết nối"},
                messages={},
                next_steps={},
                unit_path="/",
                device_id=places.device1,
                started_at=now - timedelta(minutes=5),
                opened_at=now - timedelta(minutes=5),
            )
        )
    window = client.get(
        f"/api/v1/window?series={number}&to={int(now.timestamp() * 1000) + 1}", headers=token(VIEW)
    ).json
    assert [(mark["label"], mark["to"]) for mark in window["markers"]] == [("Mất kết nối", None)]


@pytest.mark.parametrize("query", ["series=x", "series=1&from=5&to=4", "device=1", "series=1&points=1"])
def test_a_window_that_cannot_be_is_refused(client, token, places, query: str) -> None:
    assert client.get(f"/api/v1/window?{query}", headers=token(VIEW)).status_code in (400, 422)


# -- the write door --


def write(client, header, body: bytes, **arguments):
    extra = {"Content-Encoding": "gzip"} if arguments.pop("is_packed", False) else {}
    return client.post(
        "/api/v2/write", query_string={"bucket": "b", "org": "o", **arguments}, data=body, headers={**header, **extra}
    )


@pytest.mark.parametrize("word", ["Token", "Bearer"])
def test_lines_are_taken(client, token, places, services, now, word: str) -> None:
    header = token(WRITE, word=word)
    seconds = int(now.timestamp())
    body = f"edunoc,device_id={places.device1} cpu_used_ratio=0.5 {seconds}\n".encode()
    assert write(client, header, gzip.compress(body), precision="s", is_packed=True).status_code == 204
    services.ingest.flush(now.timestamp())
    series = services.registry.find(places.device1, "", "cpu_used_ratio")
    assert services.live.value[series] == 0.5


def test_a_device_is_found_by_name_and_address(client, token, places, services, now) -> None:
    for tags in ("host=sw1", "agent_host=10.0.0.2"):
        assert write(client, token(WRITE), f"edunoc,{tags} cpu_used_ratio=0.5".encode()).status_code == 204
    assert services.registry.find(places.device1, "", "cpu_used_ratio") is not None
    assert services.registry.find(places.device2, "", "cpu_used_ratio") is not None


def test_a_token_of_a_unit_writes_for_its_devices_only(client, token, places, services) -> None:
    header = token(WRITE, unit_id=places.unit1)
    assert write(client, header, f"edunoc,device_id={places.device2} cpu_used_ratio=1".encode()).status_code == 204
    assert services.registry.find(places.device2, "", "cpu_used_ratio") is None


def test_what_cannot_be_written_is_refused(app, client, token, places) -> None:
    header = token(WRITE)
    bad = write(client, header, b"this is no line protocol")
    assert (bad.status_code, bad.json["code"]) == (400, "invalid")
    assert write(client, header, b"x", precision="h").status_code == 400
    assert write(client, header, b"not gzip", is_packed=True).status_code == 400
    assert write(client, {}, b"x v=1").status_code == 401
    assert write(client, token(VIEW), b"x v=1").status_code == 403
    bomb = gzip.compress(b" " * (65 * 1024 * 1024))
    assert write(client, header, bomb, is_packed=True).status_code == 413
    app.config["MAX_CONTENT_LENGTH"] = 10
    assert write(client, header, b"x" * 100).status_code == 413


# -- /metrics --


def test_metrics_of_a_device_in_prometheus_form(client, places, services, now) -> None:
    measure(services, places.device1, now, [0.25], part='disk "C:\\"')
    text = client.get(f"/metrics?device={places.device1}").text
    assert "# TYPE edunoc_cpu_used_ratio gauge" in text
    assert 'part="disk \\"C:\\\\\\""} 0.25' in text
    assert "python_info" in client.get("/metrics").text
    assert text == client.get(f"/metrics?site={places.site1}").text


def test_metrics_ask_far_strangers_for_a_token(client, token) -> None:
    far = {"REMOTE_ADDR": "203.0.113.9"}
    assert client.get("/metrics", environ_base=far).status_code == 401
    assert client.get("/metrics", environ_base=far, headers=token(Permission.READ_METRICS)).status_code == 200


# -- work on request --


def test_poll_now_is_a_row_in_a_queue(client, token, places) -> None:
    header = token(VIEW, Permission.POLL)
    asked = client.post(f"/api/v1/devices/{places.device1}/poll", headers=header)
    assert asked.status_code == 202
    assert client.get(asked.headers["Location"], headers=header).json["done_at"] is None
    assert client.post(f"/api/v1/devices/{places.device1}/poll", headers=header).json["id"] == asked.json["id"]
    assert (
        client.post(
            f"/api/v1/devices/{places.device2}/poll", headers=token(Permission.POLL, unit_id=places.unit1)
        ).status_code
        == 404
    )


def test_a_search_is_ordered_and_its_community_never_comes_back(client, token, places) -> None:
    header = token(Permission.DISCOVER)
    order = {"targets": "10.1.0.0/28", "site_id": places.site1, "communities": ["very-secret"]}
    run = client.post("/api/v1/discoveries", json=order, headers=header)
    assert run.status_code == 202
    for path in (
        "/api/v1/discoveries",
        f"/api/v1/discoveries/{run.json['id']}",
        f"/api/v1/discoveries/{run.json['id']}/finds",
    ):
        answer = client.get(path, headers=header)
        assert answer.status_code == 200
        assert "very-secret" not in answer.text
    wrong = client.post("/api/v1/discoveries", json={"targets": "10.0.0.0/4"}, headers=header)
    assert wrong.status_code == 422


@pytest.fixture
def incident(database, places, now) -> int:
    with database.session() as session:
        row = Incident(
            cause="device:1",
            rule_id="device_down",
            severity="critical",
            severity_rank=0,
            state="open",
            titles={"vi": "Mất kết nối", "en": "No connection"},
            messages={},
            next_steps={},
            unit_path=f"/{places.top}/{places.unit1}/",
            device_id=places.device1,
            started_at=now,
            opened_at=now,
        )
        session.add(row)
        session.flush()
        return row.id


def test_a_person_handles_an_incident_by_the_api(as_role, incident: int) -> None:
    person = as_role(Role.NETWORK_ENGINEER)
    header = {"X-CSRFToken": person._token}
    path = f"/api/v1/incidents/{incident}"
    assert person.client.post(f"{path}/acknowledge", json={}, headers=header).json["state"] == "acknowledged"
    assert person.client.post(f"{path}/comment", json={"text": "đã gọi nhà mạng"}, headers=header).status_code == 200
    closed = person.client.post(f"{path}/close", json={"text": "xong"}, headers=header).json
    assert closed["state"] == "closed"
    assert [event["kind"] for event in closed["story"]] == ["acknowledged", "commented", "closed"]
    assert person.client.post(f"{path}/release", json={}, headers=header).status_code == 409
    again = person.client.post(f"{path}/acknowledge", json={}, headers=header)
    assert (again.status_code, again.mimetype) == (409, "application/problem+json")


def test_incidents_keep_to_the_scope(client, token, places, incident: int) -> None:
    assert client.get("/api/v1/incidents", headers=token(VIEW, unit_id=places.unit1)).json["total"] == 1
    header = token(VIEW, unit_id=places.unit2)
    assert client.get("/api/v1/incidents", headers=header).json["total"] == 0
    assert client.get(f"/api/v1/incidents/{incident}", headers=header).status_code == 404


# -- the document --


def references(node: object) -> list[str]:
    if isinstance(node, dict):
        own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
        return own + [found for value in node.values() for found in references(value)]
    return [found for value in node for found in references(value)] if isinstance(node, list) else []


def test_the_document_is_openapi_3_1_and_whole(app, client) -> None:
    import re

    document = client.get("/api/openapi.json").json
    assert document["openapi"].startswith("3.1")
    assert document["info"]["title"] == "EduNOC"
    schemas = document["components"]["schemas"]
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+", name) for name in schemas)
    for reference in references(document):
        assert reference.removeprefix("#/components/schemas/") in schemas, reference
    identifiers = []
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            identifiers.append(operation["operationId"])
            assert operation["summary"], (method, path)
            assert operation["responses"], (method, path)
            named = {one["name"] for one in operation.get("parameters", []) if one["in"] == "path"}
            assert named == set(re.findall(r"{(\w+)}", path)), path
            for one in operation.get("parameters", []):
                assert one["schema"], (path, one["name"])
    assert len(identifiers) == len(set(identifiers))


def test_the_document_names_every_route_of_the_api(app, client) -> None:
    import re

    documented = {
        (method.upper(), path)
        for path, methods in client.get("/api/openapi.json").json["paths"].items()
        for method in methods
    }
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith(("/api/v1", "/api/v2")):
            path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
            for method in rule.methods - {"HEAD", "OPTIONS"}:
                assert (method, path) in documented, (method, path)
