"""Every route, every role and a stranger: what is not allowed is refused, and nothing is reachable undeclared."""

from __future__ import annotations

import pytest
from flask import Flask
from werkzeug.routing import AnyConverter, BaseConverter, FloatConverter, IntegerConverter, Rule

from core import Permission, Role, permissions_of
from dashboards.access import rule_of
from dashboards.gate import SAFE


def value_for(converter: BaseConverter) -> object:
    """Some value that the place in a route takes."""
    if isinstance(converter, AnyConverter):
        return sorted(converter.items)[0]
    return {IntegerConverter: 1, FloatConverter: 1.0}.get(type(converter), "x")


def address(app: Flask, rule: Rule) -> str:
    """A path for a route, with some value in every place."""
    values = {name: value_for(converter) for name, converter in rule._converters.items()}
    method = sorted(rule.methods - {"OPTIONS", "HEAD"})[0]
    return app.test_request_context().url_adapter.build(rule.endpoint, values, method=method)


def routes(app: Flask) -> list[tuple[str, str, Permission | None]]:
    """(method, path, permission) of every route but static files."""
    found = []
    for rule in app.url_map.iter_rules():
        declared = rule_of(app.view_functions[rule.endpoint])
        assert declared is not None, f"{rule.rule} declares no access rule"
        for method in sorted(rule.methods - {"OPTIONS", "HEAD"}):
            found.append((method, address(app, rule), declared.permission))
    return found


def is_program(path: str) -> bool:
    return path.startswith("/api/") or path == "/metrics"


def test_every_route_declares_who_may_open_it(app: Flask) -> None:
    assert len(routes(app)) > 30


def test_a_stranger_is_asked_to_sign_in_everywhere(app: Flask, stranger) -> None:
    stranger.get("/sign-in")
    for method, path, permission in routes(app):
        if permission is None or path == "/metrics":
            continue
        data = {"csrf_token": stranger._token} if method not in SAFE else None
        answer = stranger.client.open(path, method=method, data=data)
        if is_program(path):
            assert answer.status_code == 401, (method, path)
            assert answer.mimetype == "application/problem+json"
        else:
            assert answer.status_code == 302, (method, path, answer.status_code)
            assert answer.location.startswith("/sign-in")


@pytest.mark.parametrize("role", Role)
def test_a_role_is_refused_what_it_may_not_do(app: Flask, as_role, role: Role) -> None:
    person = as_role(role)
    for method, path, permission in routes(app):
        if permission is None or permission in permissions_of(role):
            continue
        data = {"csrf_token": person._token} if method not in SAFE else None
        assert person.client.open(path, method=method, data=data).status_code == 403, (method, path)


@pytest.mark.parametrize("role", Role)
def test_a_role_opens_what_it_may_read(app: Flask, as_role, role: Role) -> None:
    person = as_role(role)
    for method, path, permission in routes(app):
        if method == "GET" and permission in permissions_of(role):
            assert person.client.get(path).status_code in (200, 302, 400, 404, 503), path


def test_changes_without_the_anti_forgery_token_are_refused(app: Flask, as_role) -> None:
    person = as_role(Role.ADMINISTRATOR)
    machines = machine_paths(app)
    for method, path, _permission in routes(app):
        if method not in SAFE and path not in machines:
            answer = person.client.open(path, method=method, json={} if is_program(path) else None)
            assert answer.status_code == 400, (method, path)


def machine_paths(app: Flask) -> set[str]:
    """Routes that prove each request themselves."""
    rules = app.url_map.iter_rules()
    return {address(app, rule) for rule in rules if rule_of(app.view_functions[rule.endpoint]).is_for_machines}


def test_a_route_for_machines_is_opened_by_nobodys_session_or_token(app: Flask, as_role, token) -> None:
    person = as_role(Role.ADMINISTRATOR)
    strong = token(*Permission)
    machines = machine_paths(app)
    for method, path, _permission in routes(app):
        if path in machines:
            for headers in ({}, strong):
                answer = person.client.open(path, method=method, headers=headers)
                assert answer.status_code in (400, 401, 403, 404), (method, path)


def test_a_wrong_token_is_401_with_a_challenge(app: Flask) -> None:
    answer = app.test_client().get("/api/v1/units", headers={"Authorization": "Bearer edunoc_wrong"})
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_route_without_declaration_is_refused(services) -> None:
    from dashboards import create_app

    app = create_app(services)
    app._got_first_request = False
    app.add_url_rule("/forgotten", "forgotten", lambda: "secret")
    answer = app.test_client().get("/forgotten")
    assert answer.status_code == 403
    assert b"secret" not in answer.data
