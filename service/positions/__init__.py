"""The positions of a facilitator's organisation: seen by every adviser while they look for people."""
