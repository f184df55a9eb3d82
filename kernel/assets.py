"""Static files, the same on every host, under an address that changes with their content."""

import hashlib
from functools import cache
from pathlib import Path
from wsgiref.headers import Headers

import flask_bootstrap
from flask import Flask
from whitenoise import WhiteNoise

from kernel.headers import file_headers
from kernel.settings import ROOT

FOLDERS = {
    "": ROOT / "kernel/static",
    "/bootstrap/css": Path(flask_bootstrap.__file__).parent / "static/bootstrap5/css",
}


@cache
def release() -> str:
    """A digest of every file of ours; part of each address, so browsers may keep them for ever."""
    digest = hashlib.sha256()
    for path in sorted(FOLDERS[""].rglob("*")):
        if path.is_file():
            digest.update(path.relative_to(FOLDERS[""]).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()[:12]


def asset(name: str) -> str:
    """The address of a static file; refuses a name that does not exist."""
    folder = next(key for key in sorted(FOLDERS, reverse=True) if f"/{name}".startswith(key))
    path = FOLDERS[folder] / f"/{name}".removeprefix(folder).lstrip("/")
    assert path.is_file(), f"no static file {name}"
    return f"/static/{release()}/{name}"


def _headers(headers: Headers, _path: str, _url: str) -> None:
    for name, value in file_headers().items():
        headers[name] = value


def init_app(app: Flask) -> None:
    """Serve the files before Flask sees the request, whatever the host."""
    served = WhiteNoise(
        app.wsgi_app,
        max_age=WhiteNoise.FOREVER,
        allow_all_origins=False,
        immutable_file_test=lambda _path, _url: True,
        add_headers_function=_headers,
        autorefresh=bool(app.debug),
    )
    for key, folder in FOLDERS.items():
        served.add_files(str(folder), prefix=f"static/{release()}{key}")
    app.wsgi_app = served  # type: ignore[method-assign]  # Flask's documented way
    app.jinja_env.globals["asset"] = asset
