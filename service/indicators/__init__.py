"""The charter's figures, with groups under five hidden and nothing to recompute them from."""
