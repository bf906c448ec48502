//! What a session holds between two cells.

use super::index::Item;
use super::names::{Use, flatten};
use super::own;
use crate::place::Place;
use crate::shim;
use syn::spanned::Spanned;

/// What the next cell can use.
#[derive(Debug, Default)]
pub(crate) struct Scope {
    /// Variables in order of name, each with its type.
    pub(super) variables: Vec<(String, String)>,
    /// Items that the session has defined.
    pub(super) items: Vec<Item>,
    pub(super) uses: Vec<Use>,
    /// The text of the items and the `use` declarations.
    pub(super) source: String,
    /// Crates that the session has added.
    pub(super) crates: Vec<String>,
    /// Where the compiler of the session works; `None` until there is one.
    pub(super) place: Option<Place>,
}

impl Scope {
    /// What a session holds that has run nothing.
    pub(crate) fn empty(place: &Place) -> Self {
        Self {
            crates: shim::added_crates(place),
            place: Some(place.clone()),
            ..Self::default()
        }
    }

    /// Reads the session's items from the source of its last cell, as evcxr writes it.
    pub(crate) fn new(place: &Place, mut variables: Vec<(String, String)>, written: &str) -> Self {
        variables.sort();
        let mut scope = Self {
            variables,
            ..Self::empty(place)
        };
        let Ok(file) = syn::parse_file(written) else {
            return scope;
        };
        let kept: Vec<syn::Item> = file
            .items
            .into_iter()
            .filter(|item| !is_evcxrs(item))
            .collect();
        for item in &kept {
            scope
                .source
                .push_str(written.get(item.span().byte_range()).unwrap_or_default());
            scope.source.push('\n');
            if let syn::Item::Use(item) = item {
                flatten(&item.tree, "", &mut scope.uses);
            }
        }
        scope.items = own::items(&kept, written);
        scope
    }
}

/// Tells whether evcxr has written an item for itself.
fn is_evcxrs(item: &syn::Item) -> bool {
    let name = match item {
        syn::Item::Fn(item) => item.sig.ident.to_string(),
        syn::Item::Struct(item) => item.ident.to_string(),
        syn::Item::Mod(item) => item.ident.to_string(),
        syn::Item::Impl(item) => match &*item.self_ty {
            syn::Type::Path(path) => path
                .path
                .segments
                .last()
                .map(|one| one.ident.to_string())
                .unwrap_or_default(),
            _ => return false,
        },
        _ => return false,
    };
    name.starts_with("run_user_code_") || name.starts_with("evcxr_") || name.starts_with("Evcxr")
}
