"""Security headers and compression of every answer."""

from __future__ import annotations

import gzip

from flask import Flask, Response, request

# No inline script or style anywhere: what a device calls itself can then never become code on a page.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:{tiles}; font-src 'self';"
    " connect-src 'self'; manifest-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
_PACK = ("text/html", "application/json", "text/csv", "application/problem+json", "text/plain")
_LEAST = 1_000  # bytes; smaller answers fit one packet anyway
_LEVEL = 5


def install_headers(app: Flask, tile_origin: str, is_https: bool) -> None:
    """Set the headers on every answer; compress text that is not compressed yet."""
    policy = POLICY.format(tiles=f" {tile_origin}" if tile_origin else "")

    @app.after_request
    def _headers(response: Response) -> Response:
        response.headers.setdefault("Content-Security-Policy", policy)
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("X-Frame-Options", "DENY")
        response.headers.setdefault("Referrer-Policy", "same-origin")
        response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        response.headers.setdefault("Permissions-Policy", "geolocation=(self), camera=(self), microphone=()")
        response.headers.setdefault("Cache-Control", "no-store")
        if is_https:
            response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        return _pack(response)


def _pack(response: Response) -> Response:
    if (
        "gzip" not in request.headers.get("Accept-Encoding", "")
        or response.is_streamed
        or response.direct_passthrough
        or "Content-Encoding" in response.headers
        or response.mimetype not in _PACK
        or response.calculate_content_length() is None
        or response.calculate_content_length() < _LEAST
    ):
        return response
    response.set_data(gzip.compress(response.get_data(), _LEVEL, mtime=0))
    response.headers["Content-Encoding"] = "gzip"
    response.headers.add("Vary", "Accept-Encoding")
    return response
