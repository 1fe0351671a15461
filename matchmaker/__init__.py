"""Matchmaker: a node of a federated network in which rare-disease cases find one another."""

__version__ = "0.1.0"
