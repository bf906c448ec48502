//! Examples that stay in their files.

mod bounded;
mod fasta;
mod folder;
mod frames;
mod hdf5;
mod hostile;
mod hostile_hdf5;
mod mixing;
mod teaching;
mod windows;
