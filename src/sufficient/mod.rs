//! Which part of the input is enough for the output: sufficient input subsets, their clusters, and how they compare with attributions.
