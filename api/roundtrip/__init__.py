"""Sends values of the official SDK's types through the Rust types, and compares what comes back."""
