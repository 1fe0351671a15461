"""The demonstration: three national nodes on loopback, invented cases, and one search across them."""
