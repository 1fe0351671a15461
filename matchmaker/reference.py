"""What a process ranks with: one release of reference data, its scorer, and the index of all cases made with it.

What loads a release is imported when it is first asked for, like all that ranks.
"""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

from matchmaker.settings import Settings
from matchmaker.store.adopted import Adopted

if TYPE_CHECKING:
    from ontology.releases import Release
    from scoring.index import Index
    from scoring.scorer import Scorer


class Reference:
    """A release as the node uses it. The index is filled by the node, under the lock `indexing`."""

    def __init__(self, release: Release, *, identity: str) -> None:
        """Use `load`; the identity says which release and which decisions of the curator these are."""
        self.release = release
        self.identity = identity
        self.index: Index | None = None
        self.indexing = threading.Lock()
        self._scorer: Scorer | None = None
        self._making = threading.Lock()

    @classmethod
    def load(cls, settings: Settings, adopted: Adopted) -> Reference:
        """Load what was adopted, from the installation or the home.

        Raises
        ------
        ReleaseError
            When it is not in this home, or damaged.
        """
        from matchmaker import releases

        release = releases.by_checksum(settings, adopted.checksum)
        return cls(chosen(release, adopted), identity=adopted.identity)

    @property
    def scorer(self) -> Scorer:
        """The score of this release, made when first asked for; nodes of one process share it."""
        with self._making:
            if self._scorer is None:
                self._scorer = _shared_scorer(self.release)
            return self._scorer


def chosen(release: Release, adopted: Adopted) -> Release:
    """The release, with what the curator decided about obsolete terms that have no single replacement."""
    if not adopted.choices:
        return release
    return replace(release, hpo=release.hpo.choosing(adopted.choices))


_sharing = threading.Lock()
_scorers: WeakValueDictionary[str, Scorer] = WeakValueDictionary()


def _shared_scorer(release: Release) -> Scorer:
    from scoring.scorer import Scorer

    with _sharing:
        scorer = _scorers.get(release.checksum)
        if scorer is None:
            scorer = _scorers[release.checksum] = Scorer(release)
        return scorer
