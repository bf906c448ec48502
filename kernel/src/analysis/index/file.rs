//! Index files: one line a fact, fields between tabs.

use super::{Item, Member};
use std::fmt::Write;

/// What the first line says; an index of another form is not read. To be changed with the form, and with what is harvested.
const HEAD: &str = "genolens index 4";

/// Writes items down.
pub(crate) fn write(items: &[Item]) -> String {
    let mut text = format!("{HEAD}\n");
    let mut line = |fields: &[&str]| {
        let escaped: Vec<String> = fields.iter().map(|field| escape(field)).collect();
        let mut line = escaped.join("\t");
        line.truncate(line.trim_end_matches('\t').len());
        let _ = writeln!(text, "{line}");
    };
    for item in items {
        line(&["I", &item.path, &item.kind, &item.signature, &item.docs]);
        if !item.generics.is_empty() {
            line(&["G", &item.generics.join(",")]);
        }
        if !item.target.is_empty() {
            line(&["R", &item.target]);
        }
        for member in &item.members {
            let Member {
                name,
                kind,
                signature,
                docs,
                of,
            } = member;
            line(&["M", name, kind, signature, docs, of]);
        }
        for (path, of) in &item.traits {
            line(&["T", path, of]);
        }
        for (name, path) in &item.children {
            line(&["C", name, path]);
        }
    }
    text
}

/// Tells whether a text begins as an index of this form does that has an item.
pub(crate) fn is_current(text: &[u8]) -> bool {
    text.strip_prefix(HEAD.as_bytes())
        .is_some_and(|rest| rest.starts_with(b"\nI"))
}

/// Reads items; `None` when the text is not an index of this form.
pub(crate) fn read(text: &str) -> Option<Vec<Item>> {
    let mut lines = text.lines();
    if lines.next() != Some(HEAD) {
        return None;
    }
    let mut items: Vec<Item> = Vec::new();
    for line in lines.filter(|line| !line.is_empty()) {
        let mut fields = line.split('\t');
        let letter = fields.next()?;
        let mut field = || fields.next().map(unescape).unwrap_or_default();
        if letter == "I" {
            items.push(Item {
                path: field(),
                kind: field(),
                signature: field(),
                docs: field(),
                ..Item::default()
            });
            continue;
        }
        let item = items.last_mut()?;
        match letter {
            "G" => item.generics = field().split(',').map(str::to_owned).collect(),
            "R" => item.target = field(),
            "M" => item.members.push(Member {
                name: field(),
                kind: field(),
                signature: field(),
                docs: field(),
                of: field(),
            }),
            "T" => item.traits.push((field(), field())),
            "C" => item.children.push((field(), field())),
            _ => return None,
        }
    }
    Some(items)
}

fn escape(text: &str) -> String {
    text.replace('\\', "\\\\")
        .replace('\n', "\\n")
        .replace('\t', "\\t")
        .replace('\r', "")
}

fn unescape(text: &str) -> String {
    if !text.contains('\\') {
        return text.to_owned();
    }
    let mut plain = String::with_capacity(text.len());
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        plain.push(match letter {
            '\\' => match letters.next() {
                Some('n') => '\n',
                Some('t') => '\t',
                Some(other) => other,
                None => '\\',
            },
            letter => letter,
        });
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let items = vec![
            Item {
                path: "a::B".to_owned(),
                kind: "struct".to_owned(),
                signature: "struct B<T, U>".to_owned(),
                docs: "One\n\ttwo \\n three".to_owned(),
                generics: vec!["T".to_owned(), "U".to_owned()],
                target: "Vec<T>".to_owned(),
                members: vec![Member {
                    name: "m".to_owned(),
                    kind: "method".to_owned(),
                    ..Member::default()
                }],
                traits: vec![("core::clone::Clone".to_owned(), "B<u8>".to_owned())],
                children: Vec::new(),
            },
            Item {
                path: "a".to_owned(),
                kind: "module".to_owned(),
                children: vec![("B".to_owned(), "a::B".to_owned())],
                ..Item::default()
            },
        ];
        assert_eq!(read(&write(&items)), Some(items));
        assert_eq!(read("genolens index 999\n"), None);
        assert_eq!(read(""), None);
    }
}
