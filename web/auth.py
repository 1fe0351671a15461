"""Who is calling, and whether this address is for them: enforced for every request from the table of `web.access`.

Flask's signed cookie holds the token of a session that lives in the database (`matchmaker.signing_in`).
"""

from __future__ import annotations

from typing import cast
from urllib.parse import urlsplit

from flask import Flask, abort, flash, g, redirect, request, session, url_for
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFProtect
from werkzeug.local import LocalProxy
from werkzeug.wrappers import Response

from matchmaker import api_tokens, signing_in
from matchmaker.actors import Role, User
from matchmaker.api_tokens import Caller
from matchmaker.current import current_matchmaker as mm
from matchmaker.errors import Forbidden, Unauthorised
from matchmaker.model import Sharing
from matchmaker.settings import SecondFactor
from matchmaker.signing_in import Browser, SignedIn
from web.access import ROUTES, Access, Door
from web.words import word

TOKEN = "token"  # noqa: S105 - the name of a key in the cookie
SETTING_UP = frozenset({"account.switch_on", "account.qr_code", "signing_in.logout"})
_BEARER = "Bearer "
# Most browsers name others too, for sites that look for those: the first that is found counts.
_BROWSERS = (("Edg", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
_SYSTEMS = (
    ("Windows", "Windows"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)
_csrf = CSRFProtect()


def protect(app: Flask) -> None:
    """Check the door, the role, and the token against forged requests before every view."""
    app.config.update(WTF_CSRF_CHECK_DEFAULT=False, WTF_CSRF_TIME_LIMIT=None, WTF_CSRF_SSL_STRICT=False)
    _csrf.init_app(app)
    app.before_request(_check)
    app.context_processor(lambda: {"signed_in": signed_in()})


def signed_in() -> SignedIn | None:
    """Return who is signed in, for pages that everybody may read."""
    found: SignedIn | None = g.get("signed_in")
    return found


def current_scopes() -> frozenset[str] | None:
    """Return the scopes of the API token that this request came with; None when somebody signed in instead."""
    caller = _caller()
    return None if caller is None else caller.scopes


def stated_by_token() -> tuple[Sharing, str | None]:
    """Return the level and the legal basis for records that this program sends without their own."""
    caller = _caller()
    return (Sharing.PRIVATE, None) if caller is None else (caller.sharing, caller.basis)


def session_now() -> SignedIn:
    """Return who is signed in, on pages where somebody is.

    Raises
    ------
    Unauthorised
    """
    found = signed_in()
    if found is None:
        raise Unauthorised(_("sign in first"))
    return found


def user_now() -> User:
    """Return who is signed in, for what outlives the request, which `current_user` does not."""
    return (_caller() or session_now()).user


def _caller() -> Caller | None:
    found: Caller | None = g.get("caller")
    return found


current_user = cast(User, LocalProxy(user_now))


def begin(email: str, password: str) -> bool:
    """Sign in, in this browser; whatever its cookie held before is gone. False: a code is needed yet.

    Raises
    ------
    Unauthorised, TooOften
    """
    begun = signing_in.sign_in(mm, email, password, browser=browser())
    keep(begun.token)
    return begun.complete


def complete(code: str) -> None:
    """Sign in with the code of the second factor.

    Raises
    ------
    Unauthorised, Invalid, TooOften
    """
    keep(signing_in.complete(mm, session.get(TOKEN, ""), code, browser=browser()))
    g.signed_in = signing_in.signed_in(mm, session[TOKEN])


def waits_for_code() -> bool:
    """Say whether somebody gave the right password in this browser, and no code yet."""
    return signing_in.waiting(mm, session.get(TOKEN, "")) is not None


def keep(token: str) -> None:
    """Let this browser hold the session of a token, in place of what its cookie held before."""
    end()
    session[TOKEN] = token


def end() -> None:
    """Sign out, and forget what the cookie held."""
    token = session.get(TOKEN)
    session.clear()
    g.pop("signed_in", None)
    if token:
        signing_in.sign_out(mm, token)


def first_page() -> str:
    """Return where somebody goes on after signing in, who wanted nothing else."""
    return url_for("cases.index" if session_now().user.role is Role.CLINICIAN else "home.index")


def own_address(address: str | None, *, otherwise: str) -> str:
    """Return an address of ours to go on to; what leads elsewhere is replaced."""
    if not address or not address.isprintable() or "\\" in address:
        return otherwise
    parts = urlsplit(address)
    ours = not parts.scheme and not parts.netloc and address.startswith("/") and not address.startswith("//")
    return address if ours else otherwise


def _check() -> Response | None:
    if request.endpoint is None:
        return None  # no such address: 404 or 405
    access = ROUTES.get(request.endpoint)
    if access is None:
        raise Forbidden("use this address: it is in no table of who may")
    if access.door is Door.NODE_TOKEN or request.endpoint.endswith("static"):
        return None
    _refuse_nul(request.path, *request.args.values())
    if access.door is Door.API and _token_sent():
        _check_token(access)
        return None
    _recognise()
    elsewhere = _let_in(access)
    if elsewhere is None and request.method not in {"GET", "HEAD", "OPTIONS"}:
        _csrf.protect()
        _refuse_nul(*request.form.values())
    return elsewhere


def _refuse_nul(*texts: str) -> None:
    """PostgreSQL keeps no NUL in a text, and nobody types one."""
    if any("\0" in text for text in texts):
        abort(400, _("A text that was sent holds a character that cannot be kept (U+0000): remove it."))


def _recognise() -> None:
    token = session.get(TOKEN)
    g.signed_in = signing_in.signed_in(mm, token) if token else None


def _let_in(access: Access) -> Response | None:
    if access.door is Door.NONE:
        return None
    found = signed_in()
    if found is None:
        return _to_sign_in(access)
    if found.user.role not in access.roles:
        raise Forbidden(_("open this page as %(role)s", role=word(found.user.role)))
    if _must_set_up(found) and request.endpoint not in SETTING_UP:
        if access.door is Door.API:
            raise Forbidden("do this before the second step at sign-in is set up")
        flash(_("This node asks for a second step at sign-in: set it up first."), "warning")
        return redirect(url_for("account.switch_on"), code=303)
    return None


def _must_set_up(found: SignedIn) -> bool:
    required = mm.settings.second_factor is SecondFactor.REQUIRED
    return required and found.account.has_password and not found.account.has_second_factor


def _token_sent() -> str | None:
    """The API token; other matchmakers' clients send theirs as X-Auth-Token."""
    header = request.headers.get("Authorization", "")
    if header.startswith(_BEARER):
        return header.removeprefix(_BEARER).strip()
    return request.headers.get("X-Auth-Token")


def _check_token(access: Access) -> None:
    """Let in who sent a good token with the scope; browsers send none by themselves, so nothing can be forged."""
    caller = api_tokens.caller_of(mm, _token_sent() or "")
    if caller is None:
        raise Unauthorised("this token is not valid, or no more: make another on the account page")
    if access.scope is not None and access.scope not in caller.scopes:
        raise Forbidden(f"do this with a token that lacks the scope {access.scope}")
    if caller.user.role not in access.roles:
        raise Forbidden(f"do this as {caller.user.role.value}")
    g.caller = caller


def _to_sign_in(access: Access) -> Response:
    if access.door is Door.API:
        raise Unauthorised("sign in, or send a token as `Authorization: Bearer ...`")
    back = request.full_path.rstrip("?") if request.method == "GET" else None
    return redirect(url_for("signing_in.login", next=back), code=303)


def browser() -> Browser:
    """Return what is known of the browser that is calling."""
    return Browser(name=_product(request.user_agent.string), address=request.remote_addr or "")


def _product(user_agent: str) -> str:
    """Which browser on which system, as its reader calls them; what is neither is shown as it came."""
    product = next((name for mark, name in _BROWSERS if mark in user_agent), None)
    system = next((name for mark, name in _SYSTEMS if mark in user_agent), None)
    return f"{product}, {system}" if product and system else user_agent
