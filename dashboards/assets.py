"""Static files: served from memory under names that carry their content's hash, compressed once.

vendor/ is built by frontend/build.mjs, own/ is ours and committed. Together they are under two megabytes.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import mimetypes
from dataclasses import dataclass
from pathlib import Path

from flask import Blueprint, Response, abort, request

from dashboards.access import public

STATIC = Path(__file__).parent / "static"
FOREVER = "public, max-age=31536000, immutable"
_COMPRESSIBLE = {".css", ".js", ".svg", ".json"}
_TYPES = {".js": "text/javascript", ".woff2": "font/woff2", ".svg": "image/svg+xml"}


class AssetsMissing(RuntimeError):
    """The front end was not built. The text says how."""


@dataclass(frozen=True, slots=True)
class Asset:
    """One file in memory; `packed` is its gzip form, None where that saves nothing."""

    content: bytes
    packed: bytes | None
    mimetype: str


class Assets:
    """All static files by served name, and the served name of each logical one."""

    def __init__(self, folder: Path = STATIC) -> None:
        self._files: dict[str, Asset] = {}
        self._names: dict[str, str] = {}
        manifest = folder / "vendor" / "manifest.json"
        if not manifest.exists():
            raise AssetsMissing("The front end is not built yet. Run `make install`.")
        for logical, file in json.loads(manifest.read_text(encoding="utf-8")).items():
            # Fonts keep the plain name: the style sheet beside them names them so
            self._add(logical, file, folder / "vendor" / file)
        for path in sorted((folder / "own").iterdir()):
            digest = hashlib.sha256(path.read_bytes()).hexdigest()[:12]
            self._add(path.name, f"{path.stem}.{digest}{path.suffix}", path)

    def _add(self, logical: str, served: str, path: Path) -> None:
        content = path.read_bytes()
        packed = gzip.compress(content, 9, mtime=0) if path.suffix in _COMPRESSIBLE else None
        mimetype = _TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        self._names[logical] = served
        self._files[served] = Asset(content, packed, mimetype)

    def url(self, logical: str) -> str:
        """The path under which a file is served. Raises KeyError for a name that does not exist."""
        return f"/static/{self._names[logical]}"

    def get(self, served: str) -> Asset | None:
        """The file served under this name."""
        return self._files.get(served)


def assets_blueprint(assets: Assets) -> Blueprint:
    """The route of the static files."""
    blueprint = Blueprint("assets", __name__)

    @blueprint.get("/static/<path:name>")
    @public
    def file(name: str) -> Response:
        """One static file."""
        asset = assets.get(name)
        if asset is None:
            abort(404)
        takes_gzip = asset.packed is not None and "gzip" in request.headers.get("Accept-Encoding", "")
        response = Response(asset.packed if takes_gzip else asset.content, mimetype=asset.mimetype)
        response.headers["Cache-Control"] = FOREVER
        response.headers["Vary"] = "Accept-Encoding"
        if takes_gzip:
            response.headers["Content-Encoding"] = "gzip"
        return response

    return blueprint
