//! Models over candle tensors.
