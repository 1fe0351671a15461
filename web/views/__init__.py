"""The pages, one module for each area; `BLUEPRINTS` is all of them."""

from __future__ import annotations

from flask import Blueprint

from web.views import (
    account,
    accounts,
    alerts,
    audit,
    cases,
    diseases,
    entry,
    figures,
    home,
    imports,
    live,
    lookup,
    matches,
    nodes,
    pairing,
    provider,
    relay,
    releases,
    sharing,
    signing_in,
    subjects,
    variant_files,
    worklist,
    writing,
)

BLUEPRINTS: tuple[Blueprint, ...] = (
    account.bp,
    accounts.bp,
    alerts.bp,
    audit.bp,
    cases.bp,
    diseases.bp,
    entry.bp,
    figures.bp,
    home.bp,
    imports.bp,
    live.bp,
    lookup.bp,
    matches.bp,
    nodes.bp,
    pairing.bp,
    provider.bp,
    relay.bp,
    releases.bp,
    sharing.bp,
    signing_in.bp,
    subjects.bp,
    variant_files.bp,
    worklist.bp,
    writing.bp,
)
