//! Letters and where they come from.
