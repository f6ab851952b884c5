"""What the service keeps, in SQLite or PostgreSQL."""

from service.store.database import Change, Store, open_store

__all__ = ["Change", "Store", "open_store"]
