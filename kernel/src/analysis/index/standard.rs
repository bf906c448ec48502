//! The index of the standard library that comes with this program, and how it is made.

use super::{Index, Item, harvest, read, write};
use anyhow::{Context, Result};
use std::collections::HashSet;
use std::path::PathBuf;

/// Made by `standard.sh` beside it.
const TABLE: &str = include_str!("standard.txt");

/// What rustdoc's JSON leaves out: the methods that `alloc` adds to slices.
const MORE: &str = include_str!("standard_more.txt");

/// The modules that notebooks meet.
const MODULES: [&str; 42] = [
    "core::any",
    "core::array",
    "core::borrow",
    "core::cell",
    "core::char",
    "core::clone",
    "core::cmp",
    "core::convert",
    "core::default",
    "core::error",
    "core::f32",
    "core::f64",
    "core::fmt",
    "core::hash",
    "core::iter",
    "core::macros",
    "core::marker",
    "core::mem",
    "core::ops",
    "core::option",
    "core::prelude",
    "core::result",
    "core::slice",
    "core::str",
    "core::time",
    "alloc::borrow",
    "alloc::boxed",
    "alloc::collections",
    "alloc::fmt",
    "alloc::macros",
    "alloc::rc",
    "alloc::slice",
    "alloc::str",
    "alloc::string",
    "alloc::sync",
    "alloc::vec",
    "std::collections",
    "std::env",
    "std::fs",
    "std::hash",
    "std::io",
    "std::path",
];
const MORE_MODULES: [&str; 10] = [
    "std::prelude",
    "std::process",
    "std::sync",
    "std::thread",
    "std::time",
    "std::macros",
    "std::f32",
    "std::f64",
    "core::sync::atomic",
    "core::range",
];

/// The primitive types, and those that offer the same under another name.
const PRIMITIVES: [&str; 13] = [
    "array",
    "bool",
    "char",
    "f64",
    "fn",
    "i32",
    "pointer",
    "reference",
    "slice",
    "str",
    "tuple",
    "u32",
    "u8",
];
const ALIKE: [(&str, &str); 10] = [
    ("f32", "f64"),
    ("i8", "i32"),
    ("i16", "i32"),
    ("i64", "i32"),
    ("i128", "i32"),
    ("isize", "i32"),
    ("u16", "u32"),
    ("u64", "u32"),
    ("u128", "u32"),
    ("usize", "u32"),
];

/// The traits whose methods somebody may want on a type.
const TRAITS: [&str; 9] = [
    "core::iter",
    "core::clone::Clone",
    "core::cmp",
    "core::convert::AsRef",
    "core::fmt::Display",
    "core::error::Error",
    "alloc::borrow::ToOwned",
    "std::io",
    "core::hash::Hash",
];

/// What is left out of these modules.
const UNWANTED: [&str; 8] = [
    "core::sync::atomic::",
    "alloc::collections::linked_list",
    "core::fmt::builders",
    "core::str::pattern",
    "core::iter::sources",
    "core::slice::iter::R",
    "std::process::unix",
    "std::sync::poison::once",
];

/// The longest description that is kept.
const DOCS: usize = 160;

/// The index of the standard library.
pub(crate) fn standard() -> Vec<Item> {
    let mut items = read(TABLE).unwrap_or_default();
    items.extend(read(MORE).unwrap_or_default());
    for (name, like) in ALIKE {
        if let Some(item) = items.iter().find(|item| item.path == like) {
            items.push(renamed(item, like, name));
        }
    }
    items
}

/// What a number offers, told of another number.
fn renamed(item: &Item, from: &str, to: &str) -> Item {
    let mut item = item.clone();
    to.clone_into(&mut item.path);
    for member in &mut item.members {
        member.signature = member.signature.replace(from, to);
        member.docs = member.docs.replace(from, to);
    }
    item
}

/// Makes the table of the JSON files of `core`, `alloc` and `std`.
pub(crate) fn make_standard(files: &[PathBuf]) -> Result<String> {
    let mut items = Vec::new();
    for file in files {
        let json = std::fs::read_to_string(file)
            .with_context(|| format!("cannot read {}", file.display()))?;
        items.extend(harvest(&json, false)?);
    }
    let mut index = Index::default();
    index.extend(items.into_iter().filter(|item| is_wanted(&item.path)));
    let mut items = index.into_items();
    let known: HashSet<String> = items.iter().map(|item| item.path.clone()).collect();
    for item in &mut items {
        item.traits.retain(|(path, _)| {
            known.contains(path) && TRAITS.iter().any(|start| path.starts_with(start))
        });
        item.traits.sort();
        item.traits.dedup();
        item.children.retain(|(_, path)| known.contains(path));
        shorten(&mut item.docs);
        for member in &mut item.members {
            shorten(&mut member.docs);
        }
        let mut seen = HashSet::new();
        item.members.retain(|member| {
            member.kind != "field"
                && !member.signature.starts_with("unsafe ")
                && seen.insert((member.name.clone(), member.of.clone()))
        });
    }
    items.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(write(&items))
}

fn is_wanted(path: &str) -> bool {
    let inside = |module: &&str| {
        path.strip_prefix(*module)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
    };
    if UNWANTED.iter().any(|start| path.starts_with(start)) {
        return false;
    }
    // The crates themselves, and the macros that lie directly in them.
    let at_root = ["core", "alloc", "std"].contains(&path)
        || path.ends_with('!') && path.matches("::").count() == 1;
    at_root || PRIMITIVES.contains(&path) || MODULES.iter().chain(&MORE_MODULES).any(inside)
}

/// Cuts a description at its first sentence, or at a word.
fn shorten(docs: &mut String) {
    let mut short = docs.replace('\n', " ");
    if let Some(end) = short.find(". ") {
        short.truncate(end + 1);
    }
    if short.len() > DOCS {
        let end = short
            .char_indices()
            .take_while(|(at, _)| *at < DOCS)
            .filter(|(_, letter)| *letter == ' ')
            .map(|(at, _)| at)
            .last();
        short.truncate(end.unwrap_or(0));
        short.push('…');
    }
    *docs = short;
}
