"""Write the migration that brings a database from the last step to what `service/store/tables.py` says now.

python -m scripts.new_migration "what changes"   # the next step, to be read and completed by hand
python -m scripts.new_migration --first          # write step 0001 again, as long as no database was ever made with it

Alembic compares the tables with an SQLite file that has run every step, then ruff formats what it wrote. It does not
see renamed columns (a removal and an addition: rows would be lost), nor triggers: a step that makes the table `log`
again must call `guards.install` (see service/store/guards.py). tests/service/store/test_migrations.py holds both
databases to tables.py after every step.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from alembic import command

from service.store import migrate
from service.store.database import connect

FOLDER = Path(migrate.__file__).parent / "migrations" / "versions"
FIRST = "The first tables"
BEGIN_CHAIN = """
    # The chain of the log starts from a digest of zeros; see service/chain/entry.py.
    op.bulk_insert(
        sa.table("head", sa.column("only"), sa.column("seq"), sa.column("digest"), sa.column("data_seq")),
        [{"only": 1, "seq": 0, "digest": "0" * 64, "data_seq": 0}],
    )
    guards.install(op.get_bind())
"""


def generate(message: str, number: str) -> Path:
    """Write the step from the last one to the tables as they are, unformatted."""
    with tempfile.TemporaryDirectory() as folder:
        engine = connect(f"sqlite:///{folder}/steps.db")
        migrate.upgrade(engine)
        with engine.begin() as connection:
            command.revision(migrate.config(connection), message, autogenerate=True, rev_id=number)
        engine.dispose()
    [path] = FOLDER.glob(f"{number}_*.py")
    return path


def complete_first(path: Path) -> None:
    """Add to the first step what Alembic does not see: where the chain begins, and the guards of the log."""
    text = path.read_text(encoding="utf-8")
    text = text.replace("from alembic import op\n", "from alembic import op\n\nfrom service.store import guards\n", 1)
    up, down = text.split("def downgrade() -> None:\n", 1)
    text = f"{up.rstrip()}\n{BEGIN_CHAIN}\n\ndef downgrade() -> None:\n    guards.remove(op.get_bind())\n{down}"
    path.write_text(text, encoding="utf-8")


def tidy(path: Path) -> None:
    """The project's own form."""
    text = re.sub(r"(?m)^\s*# ### .*\n", "", path.read_text(encoding="utf-8"))
    path.write_text(re.sub(r"(?m)[ \t]+$", "", text), encoding="utf-8")
    subprocess.run([sys.executable, "-m", "ruff", "check", "--quiet", "--fix", str(path)], check=True)
    subprocess.run([sys.executable, "-m", "ruff", "format", "--quiet", str(path)], check=True)


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("message", nargs="?", help="what changes, a few words")
    options.add_argument("--first", action="store_true", help="write step 0001 again")
    given = options.parse_args()
    steps = sorted(FOLDER.glob("[0-9]*.py"))
    if given.first == bool(given.message):
        options.error("give a message, or --first")
    if given.first:
        if len(steps) > 1:
            options.error("other steps build on the first one")
        for step in steps:
            step.unlink()
        path = generate(FIRST, "0001")
        complete_first(path)
    else:
        path = generate(given.message, f"{len(steps) + 1:04d}")
    tidy(path)
    print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
