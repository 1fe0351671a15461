"""Changes of the tables, up and down; run by `matchmaker.store.schema`."""
