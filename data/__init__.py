"""What ships: the gene table, the manifest of reference data, the invented cases of the demonstration."""
