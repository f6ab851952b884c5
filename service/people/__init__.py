"""The people an organisation follows: kept sealed, shown to it alone, named to others by a reference."""
