"""A page as a browser would take it apart: which elements and attributes are in it that no page of ours has."""

from __future__ import annotations

from html.parser import HTMLParser
from urllib.parse import urlsplit

# fmt: off
_OURS = {
    "html", "head", "meta", "title", "link", "body", "header", "footer", "main", "nav", "section", "div", "span", "p",
    "h1", "h2", "h3", "h4", "a", "ul", "ol", "li", "dl", "dt", "dd", "table", "thead", "tbody", "tr", "th", "td",
    "form", "input", "select", "option", "optgroup", "textarea", "button", "label", "fieldset", "legend", "details",
    "summary", "figure", "figcaption", "strong", "em", "small", "code", "pre", "time", "br", "hr", "script", "mark",
    "output", "meter", "progress", "noscript", "svg", "rect", "circle", "text", "line", "g", "path", "b", "i",
    "caption", "template", "bdi", "img", "datalist",
}
# fmt: on
_ONCE = ("html", "head", "body", "main", "title")
_LINKS = {"", "http", "https", "mailto"}
_ADDRESSES = {"href", "src", "action", "formaction", "xlink:href"}


class _Taken(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.wrong: list[str] = []
        self.counts: dict[str, int] = {}
        self._in_svg = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._in_svg += tag == "svg"
        if not (self._in_svg and tag == "title"):
            self.counts[tag] = self.counts.get(tag, 0) + 1
        if tag not in _OURS:
            self.wrong.append(f"element <{tag}>")
        if tag in {"script", "img"} and not str(dict(attrs).get("src")).startswith("/"):
            self.wrong.append(f"<{tag}> that is none of our files")
        for name, value in attrs:
            self._attribute(tag, name, value or "")

    def handle_endtag(self, tag: str) -> None:
        self._in_svg -= tag == "svg"

    def _attribute(self, tag: str, name: str, value: str) -> None:
        if name.startswith("on") or name in {"style", "srcdoc"}:
            self.wrong.append(f"attribute {name} of <{tag}>")
        if name in _ADDRESSES:
            scheme = urlsplit("".join(c for c in value if c > " ")).scheme.lower()
            if scheme not in _LINKS or (name != "href" and (scheme or value.startswith("//"))):
                self.wrong.append(f"{name}={value[:60]!r}")


def wrong_in(page: str) -> list[str]:
    """Return what is in a page that none of ours would have, and what is missing or double; [] when it is whole."""
    taken = _Taken()
    taken.feed(page)
    taken.close()
    broken = [f"{taken.counts.get(tag, 0)} <{tag}>" for tag in _ONCE if taken.counts.get(tag, 0) != 1]
    cut = [] if page.rstrip().endswith("</html>") else ["the end is missing"]
    directed = [f"U+{ord(c):04X}" for c in set(page) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")]
    return [*taken.wrong, *broken, *cut, *directed]
