"""Matchmaker: the open resources of one node.

What ranks is imported when it is first asked for: a command that only lists or registers need not wait for numpy.
"""

from __future__ import annotations

import copy
import datetime as dt
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Self

from matchmaker import production
from matchmaker.errors import Unavailable
from matchmaker.keys import Keys
from matchmaker.model import Case, CaseId
from matchmaker.recent import RecentCases
from matchmaker.reference import Reference
from matchmaker.settings import Mode, Settings
from matchmaker.store import adopted, audit, cases, checkpoints, clock, engine, schema
from matchmaker.store.engine import Connection, Engine

if TYPE_CHECKING:
    from ontology.releases import Release
    from scoring.coordinates import Coordinates
    from scoring.index import Change, Index
    from scoring.profile import Profile
    from scoring.scorer import Scorer


class Matchmaker:
    """One node, open. Any number of threads may use it; `close` it at the end."""

    # From how many new cases on the index is written to files, and how many seconds lie between two writings at least.
    files_from, files_every = 10_000, 60.0

    def __init__(self, settings: Settings, keys: Keys) -> None:
        """Use `open` or `create`; this only puts the parts together."""
        self.settings = settings
        self.keys = keys
        self.engine: Engine = engine.open_engine(settings.database, keys)
        self._signer = checkpoints.Signer(settings.home, keys)
        self.recent = RecentCases()
        self._coordinates: Coordinates | None = None
        self._reference: Reference | None = None
        self._origin = self
        self._loading = threading.Lock()
        self._following = threading.Lock()

    @classmethod
    def create(cls, settings: Settings) -> Self:
        """Make the home, the keys and the database, or bring what is there up to date; nothing is ever replaced.

        Raises
        ------
        Unavailable
            When something cannot be made, or the database was made with other keys.
        Insecure
            In production with settings that it refuses.
        """
        _make_home(settings.home)
        production.require_secure(settings)
        mm = cls(settings, Keys.create(settings.home / "keys"))
        try:
            engine.make_file(settings.database)
            schema.upgrade(mm.engine)
            with engine.writing(mm.engine) as db:
                schema.start(db)
                schema.check(db)
        except BaseException:
            mm.close()
            raise
        return mm

    @classmethod
    def open(cls, settings: Settings) -> Self:
        """Open a node that was created before.

        Raises
        ------
        Unavailable
            When there is none, or its keys, tables or database are not as they should be.
        """
        production.require_secure(settings)
        if not (settings.home / "keys").is_dir():
            raise Unavailable(f"home {settings.home}", "there is no node in it", "run `matchmaker init`")
        mm = cls(settings, Keys.load(settings.home / "keys", strict=settings.mode is Mode.PRODUCTION))
        try:
            with mm.reading() as db:
                schema.check(db)
        except BaseException:
            mm.close()
            raise
        return mm

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Write: all of a use case or nothing, on the disk when the block ends; the audit log is signed when due."""
        with engine.transaction(self.engine) as db:
            yield db
            n_entries = audit.head(db).number
        self._signer.after(self.engine, n_entries, at=dt.datetime.now(dt.UTC))

    def note(self, write: Callable[[Connection], object]) -> None:
        """Write what is only nice to know: a full disk stops it, and not the request that it is about."""
        with suppress(Unavailable), self.transaction() as db:
            write(db)

    def reading(self) -> AbstractContextManager[Connection]:
        """Read one consistent moment; works while others write, and on a full disk."""
        return engine.reading(self.engine)

    @property
    def reference(self) -> Reference:
        """What this process ranks with; what the node uses, loaded when first asked for."""
        with self._loading:
            if self._reference is None:
                with self.reading() as db:
                    wanted = adopted.read(db)
                self._reference = Reference.load(self.settings, wanted)
            return self._reference

    @property
    def release(self) -> Release:
        """The reference data; several nodes of one process share those that ship with the program."""
        return self.reference.release

    @property
    def scorer(self) -> Scorer:
        """The score of this release; nodes of one process share it like the release."""
        return self.reference.scorer

    def pinned(self) -> Self:
        """Return this node as it is for one request or one task: with one release, whatever is adopted meanwhile."""
        view = copy.copy(self)
        view._reference = self.reference
        return view

    def follow(self) -> bool:
        """Take up the release that the node uses now; return whether this process used another.

        Everything is loaded, counted and indexed aside; until it is ready searches go on with the release before.

        Raises
        ------
        ReleaseError
            When the release is not in this home. This process goes on with the one it has.
        """
        with self._following:
            with self.reading() as db:
                wanted = adopted.read(db)
            if wanted.identity == self.reference.identity:
                return False
            aside = copy.copy(self)
            aside._reference = Reference.load(self.settings, wanted)
            aside.warm()
            self._reference = aside._reference
        return True

    @property
    def coordinates(self) -> Coordinates:
        """What brings variants to one assembly and one spelling, opened when first asked for.

        Raises
        ------
        ReleaseError
            When a file that the settings name cannot be used.
        """
        from scoring.coordinates import Coordinates

        if self._origin is not self:
            return self._origin.coordinates
        with self._loading:
            if self._coordinates is None:
                self._coordinates = Coordinates.open(self.settings.chain_files, self.settings.reference_files)
            return self._coordinates

    def profile(self, case: Case) -> Profile:
        """Resolve a case against the release, its variants brought to one assembly and one spelling."""
        from scoring.profile import profile_of

        return profile_of(case, self.release, self.coordinates)

    def index(self) -> Index:
        """Return the index with every change that is committed by now."""
        reference = self.reference
        # The lock comes first: a snapshot taken before waiting for it could be older than the index by then.
        with reference.indexing:
            if reference.index is None or reference.index.is_overtaken or not reference.index.is_sound():
                # Opened before the database is read: what is in the files is of an earlier moment then.
                reference.index = self._opened_index(reference)
            return self._followed(reference, reference.index)

    def _followed(self, reference: Reference, index: Index) -> Index:
        with self.reading() as db:
            now = clock.read(db)
            if index.epoch != now.epoch or index.revision > now.revision:
                index = self._new_index(reference, now.epoch)
            if (
                index.revision > now.revision
            ):  # another process wrote files of a later moment, or the clock was put back
                index = self._new_index(reference, now.epoch, from_files=False)
            if index.revision < now.revision:
                gone: list[CaseId] = []
                changes = self._changes(db, reference.release, since=index.revision, gone=gone)
                index.apply(changes, revision=now.revision)
                for case_id in gone:
                    reference.scorer.forget(case_id)
            index.tidy()
            reference.index = index
            return index

    def _opened_index(self, reference: Reference) -> Index:
        with self.reading() as db:
            epoch = clock.read(db).epoch
        return self._new_index(reference, epoch)

    def _new_index(self, reference: Reference, epoch: str, *, from_files: bool = True) -> Index:
        """Start from the files in the home, if they are sound, or from nothing."""
        from scoring.index import Index
        from scoring.index.folder import SegmentFolder
        from scoring.index.keeping import Keeper
        from scoring.index.kept import BackgroundFile

        home, release = self.settings.home, reference.release
        scoring = f"{reference.scorer.version} {release.checksum}"
        kept = BackgroundFile(home / "backgrounds", scoring)
        secret = bytes.fromhex(self.keys.pseudonym("names in the index"))
        # Variants stand in the files as these files bring them to one assembly.
        brought = [(str(path), path.stat().st_mtime_ns) for path in self._coordinate_files() if path.exists()]
        for name in ("cases.index", "cases.damaged", "cases.lock"):  # an earlier version's, with cases in them
            (home / name).unlink(missing_ok=True)
        folder = SegmentFolder(home / "index", scoring=f"{scoring} {brought}", release=release.id)
        keeper = Keeper(folder, least=self.files_from, seconds=self.files_every) if from_files else None
        index = Index(reference.scorer, epoch=epoch, kept=kept, secret=secret, keeper=keeper)
        if not index.is_sound():  # what was damaged is set aside now
            index = Index(reference.scorer, epoch=epoch, kept=kept, secret=secret, keeper=keeper)
        return index

    def _coordinate_files(self) -> tuple[Path, ...]:
        return (*self.settings.chain_files, *self.settings.reference_files)

    def warm(self) -> None:
        """Fill the index and compile what searches it, so that no request waits for either."""
        from scoring.index.candidates import fastest

        self.index()
        fastest()

    def close(self) -> None:
        """Sign what is left of the audit log, if we wrote any, and give the connections back."""
        self._signer.finish(self.engine, at=dt.datetime.now(dt.UTC))
        self.engine.dispose()

    def _changes(self, db: Connection, release: Release, *, since: int, gone: list[CaseId]) -> Iterator[Change]:
        """Yield what changed, and add to `gone` the cases that are not any more as they were."""
        from scoring.index import Change
        from scoring.profile import profile_of

        for changed in cases.changed_since(db, since):
            self.recent.forget(changed.case_id)
            gone.append(changed.case_id)
            profile = None if changed.case is None else profile_of(changed.case, release, self.coordinates)
            yield Change(case_id=changed.case_id, revision=changed.revision, profile=profile)


def _make_home(home: Path) -> None:
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        home.chmod(0o700)
    except OSError as error:
        why = error.strerror or "cannot be made"
        raise Unavailable(f"home {home}", why, "make it writable, or choose another MATCHMAKER_HOME") from error
