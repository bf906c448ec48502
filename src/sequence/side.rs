//! Left and right.

/// An end of a sequence: the one that gives where its length must stay.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Side {
    /// The end with the first letter; the letters on the right stay where they are.
    Left,
    /// The end with the last letter; the letters on the left stay where they are.
    #[default]
    Right,
}
