//! What a session holds between two cells.

use quote::ToTokens;

/// The names that the next cell can use.
#[derive(Debug, Default)]
pub(crate) struct Scope {
    /// Variables in order of name, each with its type.
    pub(super) variables: Vec<(String, String)>,
    /// Items of the session, each with its kind and its text.
    pub(super) items: Vec<Item>,
}

/// An item that the session has defined.
#[derive(Clone, Debug)]
pub(super) struct Item {
    pub(super) name: String,
    pub(super) kind: &'static str,
    pub(super) text: String,
}

impl Scope {
    /// Reads the session's items from the source of its last cell, as evcxr writes it.
    pub(crate) fn new(mut variables: Vec<(String, String)>, source: &str) -> Self {
        variables.sort();
        let items = syn::parse_file(source).map_or_else(|_| Vec::new(), |file| file.items);
        let items = items.iter().filter_map(item).collect();
        Self { variables, items }
    }
}

fn item(item: &syn::Item) -> Option<Item> {
    let (name, kind) = match item {
        syn::Item::Fn(item) => (item.sig.ident.to_string(), "function"),
        syn::Item::Struct(item) => (item.ident.to_string(), "struct"),
        syn::Item::Enum(item) => (item.ident.to_string(), "enum"),
        syn::Item::Union(item) => (item.ident.to_string(), "union"),
        syn::Item::Type(item) => (item.ident.to_string(), "type"),
        syn::Item::Trait(item) => (item.ident.to_string(), "trait"),
        syn::Item::Const(item) => (item.ident.to_string(), "constant"),
        syn::Item::Static(item) => (item.ident.to_string(), "static"),
        syn::Item::Mod(item) => (item.ident.to_string(), "module"),
        syn::Item::Macro(item) => (item.ident.as_ref()?.to_string(), "macro"),
        _ => return None,
    };
    // What evcxr writes for itself.
    if name.starts_with("run_user_code_") || name.starts_with("evcxr_") || name.starts_with("Evcxr")
    {
        return None;
    }
    Some(Item {
        name,
        kind,
        text: item.to_token_stream().to_string(),
    })
}
