"""The language server: the analysis of `lingua`, spoken in the editor protocol. One file per feature."""
