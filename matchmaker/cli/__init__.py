"""The `matchmaker` command, one module per group."""
