"""The forms of a page, as a browser would send them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"submit", "button", "reset", "image"}
ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass
class Form:
    """Where it goes, its fields with the values they were given, and what can be chosen."""

    action: str
    method: str
    values: dict[str, str] = field(default_factory=dict)
    choices: dict[str, list[str]] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)

    def filled(self, names: Mapping[str, str] | None = None) -> dict[str, str]:
        """What is sent when it is left as it is, a button pressed; ids by another name if given."""
        first = {name: options[0] for name, options in self.choices.items() if options}
        sent = {
            name: value for name, value in (first | self.values).items() if name != "csrf_token"
        }
        if names is None:
            return sent
        return {
            name: ID.sub(lambda found: names.get(found.group(), found.group()), value)
            for name, value in sent.items()
        }


class _Reader(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.page = page
        self.forms: list[Form] = []
        self.links: list[str] = []
        self._form: Form | None = None
        self._select = self._text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            method = given.get("method", "get").upper()
            self._form = Form(given.get("action") or self.page, method)
            self.forms.append(self._form)
        elif tag == "a" and "href" in given:
            self.links.append(given["href"])
        elif self._form is not None:
            self._control(self._form, tag, given)

    def _control(self, form: Form, tag: str, given: dict[str, str]) -> None:
        name, value = given.get("name", ""), given.get("value", "")
        if tag == "select":
            self._select = name
            form.choices.setdefault(name, [])
        elif tag == "option" and self._select:
            form.choices[self._select].append(value)
            if "selected" in given or self._select not in form.values:
                form.values[self._select] = value
        elif tag == "textarea":
            self._text = name
            form.values[name] = ""
        elif tag == "button" and name:
            form.choices.setdefault(name, []).append(value)
        elif tag == "input" and name:
            self._input(form, given.get("type", "text"), name, value, given)

    def _input(self, form: Form, kind: str, name: str, value: str, given: dict[str, str]) -> None:
        if kind == "file":
            form.files.append(name)
        elif kind in ("radio", "checkbox"):
            form.choices.setdefault(name, []).append(value or "on")
            if "checked" in given or (kind == "radio" and name not in form.values):
                form.values[name] = value or "on"
        elif kind not in VOID:
            form.values[name] = value

    def handle_data(self, data: str) -> None:
        if self._form is not None and self._text:
            self._form.values[self._text] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "select":
            self._select = ""
        elif tag == "textarea":
            self._text = ""


def forms_of(page: str, path: str) -> list[Form]:
    """Every form of a page that is shown at this path."""
    reader = _Reader(path)
    reader.feed(page)
    return reader.forms


def links_of(page: str) -> list[str]:
    """Where the links of a page lead."""
    reader = _Reader("")
    reader.feed(page)
    return reader.links
