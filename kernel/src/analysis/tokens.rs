//! Code as tokens, however unfinished it is.

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Word,
    Number,
    /// A string or a character.
    Text,
    Comment,
    /// One character, or one of `::`, `=>`, `->` and `..`.
    Sign,
}

/// Is a stretch of code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Token<'a> {
    pub(super) kind: Kind,
    pub(super) text: &'a str,
    pub(super) start: usize,
    /// Whether a text or a comment goes on behind the end of the code.
    pub(super) open: bool,
}

impl Token<'_> {
    pub(super) fn end(&self) -> usize {
        self.start + self.text.len()
    }

    pub(super) fn is(&self, text: &str) -> bool {
        self.text == text && matches!(self.kind, Kind::Word | Kind::Sign)
    }
}

/// Takes code apart; lines that are commands of the kernel count as comments.
pub(super) fn tokens(code: &str) -> Vec<Token<'_>> {
    let mut tokens: Vec<Token<'_>> = Vec::new();
    let mut at = 0;
    while let Some(letter) = code[at..].chars().next() {
        if letter.is_whitespace() {
            at += letter.len_utf8();
            continue;
        }
        let after_dot = tokens.last().is_some_and(|token| token.is("."));
        let at_line_start = tokens
            .last()
            .is_none_or(|last| code[last.end()..at].contains('\n'));
        let rest = &code[at..];
        let (kind, length) = if at_line_start && is_command(rest) {
            (Kind::Comment, Some(rest.find('\n').unwrap_or(rest.len())))
        } else {
            token(rest, letter, after_dot)
        };
        let end = length.map_or(code.len(), |length| at + length);
        tokens.push(Token {
            kind,
            text: &code[at..end],
            start: at,
            open: length.is_none(),
        });
        at = end;
    }
    tokens
}

/// Tells whether a line is a command, such as `:dep`, and not Rust.
pub(super) fn is_command(line: &str) -> bool {
    line.starts_with(':') && !line.starts_with("::") || line.starts_with('!')
}

/// The kind and the length of the token that begins here; no length when it does not end.
fn token(rest: &str, letter: char, after_dot: bool) -> (Kind, Option<usize>) {
    let raw = rest.trim_start_matches(['r', 'b', 'c']);
    let prefix = rest.len() - raw.len();
    if rest.starts_with("//") {
        let end = rest.find('\n');
        // The cursor at the end of a comment is still inside it.
        return (Kind::Comment, end);
    }
    if rest.starts_with("/*") {
        return (Kind::Comment, rest.find("*/").map(|end| end + 2));
    }
    if prefix <= 2 && raw.starts_with('"') && !rest[..prefix].contains('r') {
        return (Kind::Text, quoted(rest, prefix));
    }
    if (1..=2).contains(&prefix) && rest[..prefix].contains('r') {
        let hashes = raw.len() - raw.trim_start_matches('#').len();
        if raw[hashes..].starts_with('"') {
            let close = format!("\"{}", "#".repeat(hashes));
            let body = prefix + hashes + 1;
            let end = rest[body..].find(&close);
            return (Kind::Text, end.map(|end| body + end + close.len()));
        }
    }
    if letter == '\'' {
        return character(rest);
    }
    if letter.is_ascii_digit() {
        return (Kind::Number, Some(number(rest, after_dot)));
    }
    if super::words::is_word(letter) {
        return (Kind::Word, Some(super::words::word_end(rest, 0)));
    }
    let pair = ["::", "=>", "->", ".."]
        .iter()
        .find(|pair| rest.starts_with(**pair));
    (
        Kind::Sign,
        Some(pair.map_or(letter.len_utf8(), |pair| pair.len())),
    )
}

fn quoted(rest: &str, prefix: usize) -> Option<usize> {
    let mut escaped = false;
    for (at, letter) in rest.char_indices().skip(prefix + 1) {
        match letter {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return Some(at + 1),
            _ => {}
        }
    }
    None
}

/// A character, or a lifetime.
fn character(rest: &str) -> (Kind, Option<usize>) {
    let mut letters = rest[1..].chars();
    match (letters.next(), letters.next()) {
        (Some('\\'), _) => {
            let end = rest[2..]
                .char_indices()
                .skip(1)
                .find(|(_, letter)| *letter == '\'');
            (Kind::Text, end.map(|(at, _)| at + 3))
        }
        (Some(letter), Some('\'')) => (Kind::Text, Some(letter.len_utf8() + 2)),
        (Some(letter), _) if super::words::is_word(letter) => {
            (Kind::Sign, Some(super::words::word_end(rest, 1)))
        }
        _ => (Kind::Sign, Some(1)),
    }
}

/// The length of a number; behind a dot it is the name of a field.
fn number(rest: &str, after_dot: bool) -> usize {
    let digits = super::words::word_end(rest, 0);
    let behind = &rest[digits..];
    let is_fraction = !after_dot
        && behind.starts_with('.')
        && behind[1..].starts_with(|letter: char| letter.is_ascii_digit());
    if is_fraction {
        super::words::word_end(rest, digits + 1)
    } else {
        digits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(code: &str) -> Vec<&str> {
        tokens(code).iter().map(|token| token.text).collect()
    }

    #[test]
    fn code_is_taken_apart() {
        assert_eq!(
            texts(
                "let é = a.0.b(1.5, 0..2, 'x', '\\'', &'a r\"\\\", \"q\\\"\") // end\n:dep x\n::y"
            ),
            [
                "let",
                "é",
                "=",
                "a",
                ".",
                "0",
                ".",
                "b",
                "(",
                "1.5",
                ",",
                "0",
                "..",
                "2",
                ",",
                "'x'",
                ",",
                "'\\''",
                ",",
                "&",
                "'a",
                "r\"\\\"",
                ",",
                "\"q\\\"\"",
                ")",
                "// end",
                ":dep x",
                "::",
                "y"
            ]
        );
        for open in ["\"abc", "r#\"abc\"", "/* a", "// a", "'\\"] {
            assert!(
                tokens(open).last().is_some_and(|token| token.open),
                "{open}"
            );
        }
        assert!(!tokens("\"a\" 'a b").iter().any(|token| token.open));
    }
}
