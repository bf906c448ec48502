//! How lines of a matrix are shared out.

use std::ops::Range;

/// Cuts lines, rows or columns, into pieces of at most so many entries, or of one line that has more.
pub(super) fn pieces(offsets: &[usize], most: usize) -> Vec<Range<usize>> {
    let lines = offsets.len() - 1;
    let mut pieces = Vec::new();
    let mut start = 0;
    while start < lines {
        let limit = offsets[start] + most;
        let end = start + offsets[start..].partition_point(|offset| *offset <= limit);
        let end = (end - 1).clamp(start + 1, lines);
        pieces.push(start..end);
        start = end;
    }
    pieces
}

/// Cuts what belongs to the entries into the parts that belong to pieces.
pub(super) fn parts<'a, T>(
    offsets: &[usize],
    pieces: &[Range<usize>],
    mut entries: &'a mut [T],
) -> Vec<&'a mut [T]> {
    let mut parts = Vec::new();
    for piece in pieces {
        let (part, rest) = entries.split_at_mut(offsets[piece.end] - offsets[piece.start]);
        entries = rest;
        parts.push(part);
    }
    parts
}
