"""People in parts: one search per part, here or on a cluster, and the lists made from what they kept.

`sizes` bounds memory, `people` cuts the people by département into Parquet pieces, `search` ranks one part (the task
that a cluster runs), `merge` keeps the best over parts, `gathered` is what sharing asks instead of an engine,
`finish` words the lists, `cluster` runs the tasks on dask, `store` keeps what is finished. The tables are byte for
byte those of a run that holds everybody.
"""

from matcher.partitions.finish import Run, match_in_parts
from matcher.partitions.people import Crowd, split
from matcher.partitions.sizes import PART_ROWS, people_that_fit, read_memory

__all__ = ["PART_ROWS", "Crowd", "Run", "match_in_parts", "people_that_fit", "read_memory", "split"]
