"""How a program is laid out: documents, expressions, actions and items, comments."""
