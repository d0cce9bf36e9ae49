"""Searching for parameter values: many runs of one strategy over the same bars."""
