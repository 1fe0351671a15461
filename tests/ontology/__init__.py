"""Reference data: compiled, loaded, resolved, searched, downloaded."""
