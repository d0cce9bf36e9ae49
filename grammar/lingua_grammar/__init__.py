"""The grammar of Lingua: `lingua.lark`, and the parse tables that `python -m lingua_grammar.build` makes from it."""
