"""What an editor asks of a text: its items, what each name means, what each expression is. Knows no protocol."""
