"""The pages, one module for each area; `BLUEPRINTS` is all of them."""

from __future__ import annotations

from flask import Blueprint

from web.views import home, signing_in

BLUEPRINTS: tuple[Blueprint, ...] = (home.bp, signing_in.bp)
