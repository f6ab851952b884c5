"""`python -m matcher` is the `clausematch` command."""

from matcher.cli import main

main()
