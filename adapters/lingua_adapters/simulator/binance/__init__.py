"""Binance spot as a server on this machine."""
