"""Reference data: HPO, diseases, genes. Knows nothing of cases."""
