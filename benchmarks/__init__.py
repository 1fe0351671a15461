"""Measurements that take longer than a test; each prints one JSON object: `python -m benchmarks NAME --help`."""
