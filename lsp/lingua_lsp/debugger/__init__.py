"""The debugger: a run, bar by bar, in the Debug Adapter Protocol. Needs nothing but the language."""
