"""The release as this reader reads it: with labels in the language of the pages, where a curator loaded them."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from matchmaker import term_names
from matchmaker.current import current_matchmaker as mm
from ontology.releases import Release
from ontology.translations import Translation
from web import languages


def release() -> Release:
    """Return the release in use; each term without a translated label has its English one."""
    translation = term_names.of(mm.settings, mm.release, languages.current())
    return mm.release if translation is None else _called(mm.release, translation)


@lru_cache(maxsize=8)
def _called(used: Release, translation: Translation) -> Release:
    return replace(used, hpo=used.hpo.called(translation.labels, translation.synonyms))
