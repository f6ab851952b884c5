"""A table's words → codes and numbers: people, positions, occupations, certificates."""
