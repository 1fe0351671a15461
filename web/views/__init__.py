"""The pages, one module for each area; `BLUEPRINTS` is all of them."""

from __future__ import annotations

from flask import Blueprint

from web.views import account, cases, home, matches, relay, signing_in

BLUEPRINTS: tuple[Blueprint, ...] = (home.bp, cases.bp, matches.bp, signing_in.bp, account.bp, relay.bp)
