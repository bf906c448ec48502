//! The names that a cell binds before the cursor: variables, parameters, patterns.

use super::tokens::{Kind, Token};

/// Collects the names, the latest first, each once.
pub(super) fn locals(tokens: &[Token<'_>]) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut bind = |token: &Token<'_>| {
        let name = token.text;
        let is_name = token.kind == Kind::Word
            && !name.starts_with(|letter: char| letter.is_uppercase())
            && !super::words::KEYWORDS.contains(&name)
            && name != "_";
        if is_name {
            found.retain(|known| known != name);
            found.insert(0, name.to_owned());
        }
    };
    let mut at = 0;
    while at < tokens.len() {
        let token = &tokens[at];
        at += 1;
        let ends: &[&str] = match token.text {
            "let" => &["=", ";"],
            "for" => &["in", "{"],
            "|" if begins_closure(tokens, at - 1) => &["|"],
            "fn" => &["{", ";"],
            _ => continue,
        };
        let only_before_colon = token.is("fn");
        let (mut depth, mut kind_at) = (0_usize, None);
        while at < tokens.len() && !ends.contains(&tokens[at].text) {
            let this = &tokens[at];
            match this.text {
                ":" if kind_at.is_none() => kind_at = Some(depth),
                "," if kind_at == Some(depth) => kind_at = None,
                "(" | "[" => depth += 1,
                ")" | "]" => depth = depth.saturating_sub(1),
                _ if kind_at.is_some() => {}
                _ if only_before_colon && !tokens.get(at + 1).is_some_and(|next| next.is(":")) => {}
                _ => bind(this),
            }
            at += 1;
        }
        at += usize::from(!token.is("for"));
    }
    found
}

/// Tells whether a `|` opens the parameters of a closure: no operand stands before it.
fn begins_closure(tokens: &[Token<'_>], at: usize) -> bool {
    let Some(before) = at.checked_sub(1).map(|before| &tokens[before]) else {
        return true;
    };
    match before.kind {
        Kind::Sign => !matches!(before.text, ")" | "]" | "}" | "|" | "?"),
        Kind::Word => ["move", "return"].contains(&before.text),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::super::tokens::tokens;
    use super::*;

    #[test]
    fn bound_names_are_found() {
        let names = |code| locals(&tokens(code)).join(" ");
        assert_eq!(
            names("let (a, mut b): (u8, T) = f(x); let Some(c) = d"),
            "c b a"
        );
        assert_eq!(names("xs.map(|x, (y, z)| x + y | w)"), "z y x");
        assert_eq!(names("for (i, v) in xs.iter() { let s: String"), "s v i");
        assert_eq!(names("fn f(a: u8, b: &str) -> T { a"), "b a");
        assert_eq!(names("a | b"), "");
    }
}
