"""Invented people, positions and award notices, and the generator that makes them."""
