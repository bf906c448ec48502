//! Sufficient input subsets, their clusters, and their comparison with attributions.

mod careless;
mod clustering;
mod comparing;
mod exact;
mod gabpa;
mod gradient;
mod interruption;
mod oracle;
mod published;
mod shown;
mod subsets_of;
