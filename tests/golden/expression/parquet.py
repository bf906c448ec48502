"""Writes table.parquet (snappy, two row groups), packed.parquet (zstd) and pandas.parquet, as pandas and polars users have them.

Made with pandas and pyarrow; the values are formulas that the tests compute again.
"""

import os

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

here = os.path.dirname(os.path.abspath(__file__))
N = 7
i = np.arange(N)
table = pd.DataFrame(
    {
        "single": (i * 0.5).astype(np.float32),
        "double": np.where(i == 2, np.nan, i / 4),
        "small": (i % 3).astype(np.uint8),
        "large": (i * 1000 - 2000).astype(np.int64),
        "half seen": pd.array([None if k == 3 else k for k in i], dtype="Int32"),
        "kind": [f"t{k % 2}" for k in i],
        "seen": i % 2 == 0,
    },
    index=[f"cell{k}" for k in i],
)
table.index.name = "cell"
# The names first, as polars and R write them; pandas writes its index last.
table = table.reset_index()
made = pa.Table.from_pandas(table, preserve_index=False)
pq.write_table(made, os.path.join(here, "table.parquet"), compression="snappy", row_group_size=4)
pq.write_table(made.select(["cell", "single"]), os.path.join(here, "packed.parquet"), compression="zstd")
# As pandas writes by itself: a column of texts first, the index last.
turned = table.set_index("cell")[["kind", "single"]]
turned.to_parquet(os.path.join(here, "pandas.parquet"))
