"""How fast the search is: against its own scan, and against reading the index once, in one run."""

from scoring.speed.measure import Extent, measure

__all__ = ["Extent", "measure"]
