//! The words of a text around a cursor.

/// The keywords that may begin or stand in an expression or a statement.
pub(super) const KEYWORDS: [&str; 36] = [
    "as", "async", "await", "break", "const", "continue", "crate", "dyn", "else", "enum", "extern",
    "false", "fn", "for", "if", "impl", "in", "let", "loop", "match", "mod", "move", "mut", "pub",
    "ref", "return", "self", "static", "struct", "super", "trait", "true", "type", "unsafe", "use",
    "where",
];

pub(super) fn is_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

/// Turns a cursor in code points into a byte offset; a cursor behind the end stands at the end.
pub(super) fn offset(code: &str, cursor: usize) -> usize {
    code.char_indices()
        .nth(cursor)
        .map_or(code.len(), |(offset, _)| offset)
}

/// Counts the code points before a byte offset.
pub(super) fn points(code: &str, offset: usize) -> usize {
    code[..offset].chars().count()
}

/// Where the word that ends at `at` begins.
pub(super) fn word_start(code: &str, at: usize) -> usize {
    at - code[..at]
        .chars()
        .rev()
        .take_while(|letter| is_word(*letter))
        .map(char::len_utf8)
        .sum::<usize>()
}

/// Where the word that begins at or before `at` ends.
pub(super) fn word_end(code: &str, at: usize) -> usize {
    at + code[at..]
        .chars()
        .take_while(|letter| is_word(*letter))
        .map(char::len_utf8)
        .sum::<usize>()
}
