//! Fewer dimensions: arrays in, arrays out.
