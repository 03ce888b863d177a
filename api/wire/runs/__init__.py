"""Compares our run of tools with the official Python runner, over scripted conversations."""
