"""Mends for a refused token, one subject a file; `order.py` lists them. Nothing is imported here: a program without
mistakes does not pay for them."""
