"""Builds the web application out of the running parts: gate, headers, errors, pages, API."""

from __future__ import annotations

from apiflask import APIFlask
from werkzeug.middleware.proxy_fix import ProxyFix

from dashboards.api import BLUEPRINTS, describe
from dashboards.assets import Assets, assets_blueprint
from dashboards.cookie_key import cookie_key
from dashboards.errors import install_errors
from dashboards.gate import install_gate
from dashboards.headers import install_headers
from dashboards.limits import limiter
from dashboards.pages import PAGES
from dashboards.registry import Frame
from dashboards.remembering import install_remembering
from dashboards.services import Services
from dashboards.settings import DashboardsSettings
from dashboards.template_tools import install_template_tools


def create_app(services: Services) -> APIFlask:
    """The application. Opens the database once, for the key of the cookies."""
    settings = services.settings[DashboardsSettings]
    app = APIFlask(
        "dashboards",
        title="EduNOC",
        version="1",
        docs_path=None,
        spec_path=None,
        static_folder=None,
        json_errors=False,
        template_folder="templates",
    )
    _configure(app, services, settings)
    app.extensions.update(edunoc=services, edunoc_state={}, edunoc_frame=Frame(PAGES))
    describe(app)
    assets = Assets()
    install_gate(app, settings.session_hours)
    install_remembering(app)
    install_headers(app, _origin(settings.tile_url), settings.is_https)
    install_errors(app)
    install_template_tools(app, assets)
    limiter.init_app(app)
    app.register_blueprint(assets_blueprint(assets))
    for blueprint in (*(page.blueprint for page in PAGES), *BLUEPRINTS):
        app.register_blueprint(blueprint)
    if settings.proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.proxies, x_proto=settings.proxies, x_host=settings.proxies)
    return app


def _configure(app: APIFlask, services: Services, settings: DashboardsSettings) -> None:
    app.config.update(
        SECRET_KEY=cookie_key(services.database, services.vault),
        SESSION_COOKIE_NAME=f"edunoc_{services.settings.core.port}",  # two instances on one host keep apart
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.is_https,
        MAX_CONTENT_LENGTH=settings.upload_mib * 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=2 * 1024 * 1024,
        WTF_CSRF_CHECK_DEFAULT=False,  # the gate checks, after it knows who asks
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session
        WTF_CSRF_SSL_STRICT=settings.is_https,
        RATELIMIT_STORAGE_URI="memory://",
        RATELIMIT_HEADERS_ENABLED=False,
    )


def _origin(url: str) -> str:
    """Scheme and host of a tile server's address pattern."""
    scheme, _sep, rest = url.partition("://")
    return f"{scheme}://{rest.split('/')[0]}" if rest else ""
