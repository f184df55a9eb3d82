"""A person's browser in a few lines: cookies per host, forms filled in as they stand, redirects.

Every name under .localhost is this machine, whatever the resolver says.
"""

import http.client
import json
import mimetypes
import uuid
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

REDIRECTS = {301, 302, 303, 307, 308}
MAX_HOPS = 10


class Unexpected(Exception):
    """An answer that is not what this step is about; carries it."""


@dataclass
class Form:
    """A form as it stands on a page: where it goes and what it holds."""

    action: str
    method: str
    values: dict[str, list[str]] = field(default_factory=dict)
    buttons: list[tuple[str, str]] = field(default_factory=list)
    choices: dict[str, list[str]] = field(default_factory=dict)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.links: list[str] = []
        self.text: list[str] = []
        self._open: Form | None = None
        self._select: tuple[str, list[str], list[str]] | None = None
        self._area: tuple[str, list[str]] | None = None
        self._skip = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {key: value or "" for key, value in attrs}
        if tag in ("script", "style"):
            self._skip += 1
        elif tag == "a":
            self.links.append(given.get("href", ""))
        elif tag == "form":
            self._open = Form(given.get("action", ""), given.get("method", "get").lower())
            self.forms.append(self._open)
        else:
            self._control(tag, given)

    def _control(self, tag: str, given: dict[str, str]) -> None:
        if tag == "select":
            self._select = (given.get("name", ""), [], [])
        elif tag == "option" and self._select:
            self._select[2].append(given.get("value", ""))
            if "selected" in given:
                self._select[1].append(given.get("value", ""))
        elif tag == "textarea":
            self._area = (given.get("name", ""), [])
        elif tag in ("input", "button"):
            self._field(tag, given)

    def _field(self, tag: str, given: dict[str, str]) -> None:
        form, name, kind = self._open, given.get("name", ""), given.get("type", "text")
        if form is None or "disabled" in given:
            return
        if tag == "button" or kind == "submit":
            form.buttons.append((name, given.get("value", "")))
        elif kind in ("radio", "checkbox"):
            form.choices.setdefault(name, []).append(given.get("value", "on"))
            if "checked" in given:
                form.values.setdefault(name, []).append(given.get("value", "on"))
        elif name and kind != "file":
            form.values.setdefault(name, []).append(given.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag in ("script", "style"):
            self._skip -= 1
        elif tag == "form":
            self._open = None
        elif tag == "select" and self._select:
            name, chosen, options = self._select
            if self._open is not None and name:
                self._open.values[name] = chosen or options[:1]
                self._open.choices[name] = options
            self._select = None
        elif tag == "textarea" and self._area:
            name, parts = self._area
            if self._open is not None and name:
                self._open.values[name] = ["".join(parts).strip("\n")]
            self._area = None

    def handle_data(self, data: str) -> None:
        if self._area:
            self._area[1].append(data)
        elif not self._skip:
            self.text.append(data)


@dataclass
class Page:
    """An answer: where it came from in the end, its status and what is on it."""

    url: str
    status: int
    headers: dict[str, str]
    body: bytes

    def __post_init__(self) -> None:
        self._reader = _Reader()
        if "html" in self.headers.get("content-type", ""):
            self._reader.feed(self.html)

    @property
    def html(self) -> str:
        return self.body.decode("utf-8", "replace")

    @property
    def text(self) -> str:
        """What a person reads, with single spaces."""
        return " ".join(" ".join(self._reader.text).split())

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def forms(self) -> list[Form]:
        return self._reader.forms

    def form(self, action: str = "", *, having: str = "") -> Form:
        """The form whose address ends so, or that has such a field."""
        for form in self.forms:
            path = urlsplit(urljoin(self.url, form.action)).path
            names = {*form.values, *form.choices, *(name for name, _ in form.buttons)}
            if path.endswith(action) and (not having or having in names) and form.method == "post":
                return form
        known = [f"{f.method} {f.action} {sorted(f.values)}" for f in self.forms]
        raise Unexpected(f"{self.url}: no form {action!r} {having!r}; there are {known}")

    def link(self, part: str) -> str:
        """The address of the first link that contains this part."""
        for link in self._reader.links:
            if part in link:
                return urljoin(self.url, link)
        raise Unexpected(f"{self.url}: no link with {part!r}; there are {self._reader.links}")

    def expect(self, *texts: str, status: int = 200) -> "Page":
        """This page, if it has the status and says all of this."""
        if self.status != status:
            raise Unexpected(f"{self.url}: {self.status}, not {status}\n{self.text[:1500]}")
        missing = [text for text in texts if text not in self.text]
        if missing:
            raise Unexpected(f"{self.url}: does not say {missing}\n{self.text[:1500]}")
        return self


class Visitor:
    """One person with one browser, reading one language."""

    def __init__(self, language: str = "en") -> None:
        self.language = language
        self.cookies: dict[str, dict[str, str]] = {}

    def get(self, url: str, **headers: str) -> Page:
        return self._go("GET", url, b"", headers)

    def submit(self, page: Page, form: Form, **fill: str) -> Page:
        """Send the form as it stands, with these fields filled in."""
        body = urlencode(_pairs(form, fill)).encode()
        return self._send_form(page, form, body, "application/x-www-form-urlencoded")

    def upload(
        self, page: Page, form: Form, files: dict[str, tuple[str, bytes]], **fill: str
    ) -> Page:
        """The same with files."""
        return self._send_form(page, form, *_multipart(_pairs(form, fill), files))

    def _send_form(self, page: Page, form: Form, body: bytes, kind: str) -> Page:
        url = urljoin(page.url, form.action or page.url)
        return self._go("POST", url, body, {"Content-Type": kind, "Referer": page.url})

    def post(self, url: str, body: bytes, kind: str = "application/json", **headers: str) -> Page:
        return self._go("POST", url, body, {"Content-Type": kind, **headers})

    def _go(self, method: str, url: str, body: bytes, headers: dict[str, str]) -> Page:
        for _ in range(MAX_HOPS):
            page = self._send(method, url, body, headers)
            if page.status not in REDIRECTS:
                return page
            url = urljoin(url, page.headers["location"])
            if page.status not in (307, 308):
                method, body, headers = "GET", b"", {}
        raise Unexpected(f"{url}: redirected {MAX_HOPS} times")

    def _send(self, method: str, url: str, body: bytes, headers: dict[str, str]) -> Page:
        parts = urlsplit(url)
        host = parts.hostname or ""
        address = "127.0.0.1" if host.endswith("localhost") else host
        sent = {
            "Host": parts.netloc,
            "Accept-Language": self.language,
            "Accept": "text/html,*/*",
            "Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.get(host, {}).items()),
            **({"Origin": f"{parts.scheme}://{parts.netloc}"} if method == "POST" else {}),
            **headers,
        }
        connection = http.client.HTTPConnection(address, parts.port or 80, timeout=60)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request(method, path, body or None, {k: v for k, v in sent.items() if v})
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        self._keep(host, answer.headers.get_all("Set-Cookie") or [])
        plain = {key.lower(): value for key, value in answer.getheaders()}
        return Page(url, answer.status, plain, content)

    def _keep(self, host: str, lines: list[str]) -> None:
        jar = self.cookies.setdefault(host, {})
        for line in lines:
            for name, morsel in SimpleCookie(line).items():
                if morsel["max-age"] == "0" or not morsel.value:
                    jar.pop(name, None)
                else:
                    jar[name] = morsel.value


def _pairs(form: Form, fill: dict[str, str]) -> list[tuple[str, str]]:
    values = form.values | {name: [value] for name, value in fill.items()}
    return [(name, value) for name, held in values.items() for value in held]


def _multipart(
    pairs: list[tuple[str, str]], files: dict[str, tuple[str, bytes]]
) -> tuple[bytes, str]:
    edge = uuid.uuid4().hex
    parts = [
        f'--{edge}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in pairs
    ]
    for name, (filename, content) in files.items():
        kind = mimetypes.guess_type(filename)[0] or "application/octet-stream"
        head = (
            f'--{edge}\r\nContent-Disposition: form-data; name="{name}"; filename="{filename}"'
            f"\r\nContent-Type: {kind}\r\n\r\n"
        )
        parts.append(head.encode() + content + b"\r\n")
    return b"".join([*parts, f"--{edge}--\r\n".encode()]), f"multipart/form-data; boundary={edge}"
