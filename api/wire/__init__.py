"""Compares the requests of the Rust client with those of the official Python client."""
