"""Matchmaker Exchange, and what else travels between nodes."""
