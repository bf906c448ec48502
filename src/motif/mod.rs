//! What a binding site looks like.
