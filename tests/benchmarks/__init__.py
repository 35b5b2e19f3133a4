"""Benchmarks against the peers that are installed: ``python -m tests.benchmarks``."""
