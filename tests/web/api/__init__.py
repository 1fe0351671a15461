"""The API, one module for each area."""
