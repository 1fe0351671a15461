"""What tests of mails share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.mailbox import Mailbox, mailbox


@pytest.fixture
def post() -> Iterator[Mailbox]:
    """A mail server that keeps what it is brought."""
    with mailbox() as box:
        yield box
