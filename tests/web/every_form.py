"""The forms of a page, as a browser would send them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser

_NOT_TYPED = {"hidden", "submit", "button", "file", "reset", "image"}


@dataclass(slots=True, kw_only=True)
class Form:
    """Where it goes, what the page put into it, and what somebody fills in."""

    action: str
    method: str
    given: dict[str, str] = field(default_factory=dict)
    typed: list[str] = field(default_factory=list)
    actions: list[str] = field(default_factory=list)  # where its buttons lead instead

    def filled(self, text: str) -> Mapping[str, str]:
        """Return what is sent when somebody writes the same into every field."""
        return {**self.given, **dict.fromkeys(self.typed, text)}


class _Forms(HTMLParser):
    def __init__(self, address: str) -> None:
        super().__init__()
        self.address = address
        self.forms: list[Form] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        stated = {name: value or "" for name, value in attrs}
        if tag == "form":
            method = stated.get("method", "get").lower()
            self.forms.append(Form(action=stated.get("action") or self.address, method=method))
        elif tag in {"input", "select", "textarea", "button"} and self.forms:
            self._field(self.forms[-1], tag, stated)

    @staticmethod
    def _field(form: Form, tag: str, stated: Mapping[str, str]) -> None:
        kind = stated.get("type", "text" if tag == "input" else tag)
        if stated.get("formaction"):
            form.actions.append(stated["formaction"])
        if kind == "hidden" and stated.get("name"):
            form.given[stated["name"]] = stated.get("value", "")
        elif kind not in _NOT_TYPED and stated.get("name") and stated["name"] not in form.typed:
            form.typed.append(stated["name"])


def forms_in(page: str, address: str) -> list[Form]:
    """Return the forms of a page into which somebody can write or choose something."""
    found = _Forms(address)
    found.feed(page)
    return [form for form in found.forms if form.typed]
