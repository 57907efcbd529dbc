"""Consolidation, load planning and fair allocation on frozen problems: a library without a database or a screen."""

__version__ = "0.1.0"
