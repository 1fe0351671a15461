"""The index: follows the database by revision and finds the k best cases exactly."""

from scoring.index.cases import Filter, IndexedCase
from scoring.index.engine import Change, Index
from scoring.index.hits import Apart, Hit

__all__ = ["Apart", "Change", "Filter", "Hit", "Index", "IndexedCase"]
