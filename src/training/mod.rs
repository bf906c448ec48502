//! From untrained to trained.
