//! Sufficient input subsets, their clusters, and their comparison with attributions.

mod careless;
mod exact;
mod gradient;
mod oracle;
mod published;
mod shown;
