"""Lists of people for a position, positions for a person, one pair, an employer's sheet: who sees what of them."""
