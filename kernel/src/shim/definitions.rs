//! The types that a session defines, and whether a kept variable still has the type that it was kept with.
//!
//! The compiler tells two types apart by where they are defined, not by what their fields are. A `struct` whose field changes from
//! `i64` to `f64` would therefore read a variable of the old type as one of the new. So each kept type remembers the text of the
//! definitions that it is made of.

use crate::fingerprint::fingerprint;
use quote::ToTokens;
use std::collections::{BTreeMap, BTreeSet};

/// The text of every type that a source defines, by name.
#[derive(Debug, Default)]
pub(super) struct Definitions(BTreeMap<String, String>);

impl Definitions {
    /// Reads the definitions from the source that evcxr wrote; a source that does not parse defines nothing.
    pub(super) fn read(source: &str) -> Self {
        let Ok(file) = syn::parse_file(source) else {
            return Self::default();
        };
        let named = |item: syn::Item| {
            let name = match &item {
                syn::Item::Struct(item) => &item.ident,
                syn::Item::Enum(item) => &item.ident,
                syn::Item::Union(item) => &item.ident,
                syn::Item::Type(item) => &item.ident,
                syn::Item::Const(item) => &item.ident,
                syn::Item::Mod(item) => &item.ident,
                _ => return None,
            };
            Some((name.to_string(), item.to_token_stream().to_string()))
        };
        Self(file.items.into_iter().filter_map(named).collect())
    }

    /// A fingerprint of all definitions that a type is made of, directly or not; the same for every type that needs none.
    pub(super) fn behind(&self, kind: &str) -> String {
        let mut found = BTreeSet::new();
        let mut open = vec![kind];
        while let Some(text) = open.pop() {
            for word in text.split(|letter: char| !letter.is_alphanumeric() && letter != '_') {
                if let Some((name, definition)) = self.0.get_key_value(word)
                    && found.insert(name)
                {
                    open.push(definition);
                }
            }
        }
        let texts: Vec<&str> = found
            .into_iter()
            .map(|name| self.0[name].as_str())
            .collect();
        fingerprint(&texts.join("\n"))
    }
}
