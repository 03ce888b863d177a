"""Reads the Python SDK's source and writes a facts-only description of its API."""
