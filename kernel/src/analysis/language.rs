//! What can be said about code without running it.

use crate::evaluator::Completeness;

/// Says whether Enter should run the code: brackets and literals must be closed, and the rest parse.
pub(super) fn completeness(code: &str) -> Completeness {
    if code.trim_start().starts_with(':') {
        return Completeness::Complete;
    }
    match open_brackets(code) {
        None => Completeness::Incomplete {
            indent: String::new(),
        },
        Some(depth) if depth > 0 => Completeness::Incomplete {
            indent: "    ".repeat(depth as usize),
        },
        Some(depth) if depth < 0 => Completeness::Invalid,
        Some(_) => match syn::parse_str::<syn::Block>(&format!("{{{code}\n}}")) {
            Ok(_) => Completeness::Complete,
            // A line that ends in an operator or a half-written chain goes on.
            Err(_)
                if code
                    .trim_end()
                    .ends_with(['+', '-', '*', '/', '=', '.', ',', '&', '|', '<']) =>
            {
                Completeness::Incomplete {
                    indent: "    ".to_owned(),
                }
            }
            Err(_) => Completeness::Invalid,
        },
    }
}

/// How many brackets are open; `None` inside a string or a comment that is not closed.
fn open_brackets(code: &str) -> Option<i32> {
    let bytes = code.as_bytes();
    let mut depth = 0;
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth -= 1,
            b'/' if bytes.get(at + 1) == Some(&b'/') => {
                at = code[at..].find('\n').map_or(bytes.len(), |end| at + end);
            }
            b'/' if bytes.get(at + 1) == Some(&b'*') => at += code[at..].find("*/")? + 1,
            b'r' if is_raw(&code[at..]) && !is_word(bytes, at) => {
                let hashes = code[at + 1..]
                    .bytes()
                    .take_while(|byte| *byte == b'#')
                    .count();
                let close = format!("\"{}", "#".repeat(hashes));
                let body = at + 2 + hashes;
                at = body + code[body..].find(&close)? + close.len() - 1;
            }
            b'"' => {
                at += 1;
                while *bytes.get(at)? != b'"' {
                    at += if bytes[at] == b'\\' { 2 } else { 1 };
                }
            }
            // A character, as opposed to a lifetime.
            b'\'' if bytes.get(at + 1) == Some(&b'\\') => at += 2 + code[at + 2..].find('\'')?,
            b'\'' => {
                let mut next = code[at + 1..].chars();
                if let (Some(letter), Some('\'')) = (next.next(), next.next()) {
                    at += letter.len_utf8() + 1;
                }
            }
            _ => {}
        }
        at += 1;
    }
    Some(depth)
}

fn is_raw(rest: &str) -> bool {
    rest[1..].trim_start_matches('#').starts_with('"')
}

fn is_word(bytes: &[u8], at: usize) -> bool {
    at > 0 && (bytes[at - 1].is_ascii_alphanumeric() || bytes[at - 1] == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_what_goes_on() {
        assert_eq!(completeness("let x = 1;"), Completeness::Complete);
        assert_eq!(completeness("x.logo()"), Completeness::Complete);
        assert_eq!(completeness(":vars"), Completeness::Complete);
        assert_eq!(
            completeness("fn f() {"),
            Completeness::Incomplete {
                indent: "    ".to_owned()
            }
        );
        assert!(matches!(
            completeness("let s = \"a"),
            Completeness::Incomplete { .. }
        ));
        assert_eq!(completeness("let s = r#\"a\"{\"#;"), Completeness::Complete);
        assert_eq!(
            completeness("let c = '{'; let l: &'static str = \"\";"),
            Completeness::Complete
        );
        assert_eq!(completeness("x)"), Completeness::Invalid);
        assert_eq!(completeness("let = 3;"), Completeness::Invalid);
    }
}
