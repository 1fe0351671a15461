"""Variants of a person in a VCF: read in a process of its own, filtered by genotype, offered and not kept."""
