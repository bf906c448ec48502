//! Sufficient input subsets, their clusters, and their comparison with attributions.
