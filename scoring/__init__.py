"""How alike two cases are, why, and the best of many."""
