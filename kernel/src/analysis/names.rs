//! Where names lead: through what the session and the cell bring in by `use`, the prelude, and the crates.

use super::index::{Index, Item};
use super::scope::Scope;
use super::tokens::Token;

/// One name that a `use` brings in, or `*` for all that a module holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Use {
    pub(super) name: String,
    pub(super) path: String,
}

/// Takes a `use` apart into names.
pub(super) fn flatten(tree: &syn::UseTree, prefix: &str, found: &mut Vec<Use>) {
    let join = |name: &str| match (prefix, name) {
        ("", name) => name.to_owned(),
        (prefix, "self") => prefix.to_owned(),
        (prefix, name) => format!("{prefix}::{name}"),
    };
    match tree {
        syn::UseTree::Path(path) => flatten(&path.tree, &join(&path.ident.to_string()), found),
        syn::UseTree::Group(group) => {
            for tree in &group.items {
                flatten(tree, prefix, found);
            }
        }
        syn::UseTree::Glob(_) => found.push(Use {
            name: "*".to_owned(),
            path: prefix.to_owned(),
        }),
        syn::UseTree::Name(name) => {
            let path = join(&name.ident.to_string());
            found.push(Use {
                name: path.rsplit("::").next().unwrap_or_default().to_owned(),
                path,
            });
        }
        syn::UseTree::Rename(rename) => found.push(Use {
            name: rename.rename.to_string(),
            path: join(&rename.ident.to_string()),
        }),
    }
}

/// The `use` declarations among tokens, wherever they stand.
pub(super) fn uses(code: &str, tokens: &[Token<'_>]) -> Vec<Use> {
    let mut found = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        if !token.is("use") {
            continue;
        }
        let end = tokens[at..].iter().find(|token| token.is(";"));
        let text = end.map(|end| &code[token.start..end.end()]);
        if let Some(Ok(item)) = text.map(syn::parse_str::<syn::ItemUse>) {
            flatten(&item.tree, "", &mut found);
        }
    }
    found
}

/// All names of a moment.
#[derive(Debug)]
pub(super) struct Names<'a> {
    pub(super) index: &'a Index,
    pub(super) scope: &'a Scope,
    /// Items of the cell itself.
    pub(super) items: Vec<Item>,
    pub(super) uses: Vec<Use>,
}

/// The crates that every cell knows.
const CRATES: [&str; 4] = ["genolens", "std", "core", "alloc"];

const PRELUDE: &str = "std::prelude::v1";

/// How many names may stand for names.
const DEPTH: usize = 8;

impl<'a> Names<'a> {
    /// What a path leads to from the cell. A macro is asked for with its `!`.
    pub(super) fn resolve(&'a self, path: &str) -> Option<&'a Item> {
        self.lead(path, DEPTH)
    }

    fn lead(&'a self, path: &str, depth: usize) -> Option<&'a Item> {
        let depth = depth.checked_sub(1)?;
        let path = path.trim_start_matches("::").trim_start_matches("crate::");
        let (first, rest) = match path.split_once("::") {
            Some((first, rest)) => (first, Some(rest)),
            None => (path, None),
        };
        let mut own = self.items.iter().chain(&self.scope.items);
        if rest.is_none()
            && let Some(item) = own.find(|item| item.path == first)
        {
            return Some(item);
        }
        let behind = |base: &str| match rest {
            Some(rest) => format!("{base}::{rest}"),
            None => base.to_owned(),
        };
        let bare = first.trim_end_matches('!');
        let mark = if first.ends_with('!') { "!" } else { "" };
        for one in self.uses.iter().chain(&self.scope.uses) {
            if one.name == bare && one.path != bare {
                let path = behind(&format!("{}{mark}", one.path));
                if let Some(thing) = self.lead(&path, depth) {
                    return Some(thing);
                }
            }
        }
        if let Some(item) = self.index.resolve(path) {
            return Some(item);
        }
        for one in self.uses.iter().chain(&self.scope.uses) {
            if one.name == "*"
                && one.path != path
                && let Some(module) = self.lead(&one.path, depth)
                && let Some(item) = self.index.resolve_in(module, path)
            {
                return Some(item);
            }
        }
        let prelude = self.index.resolve(PRELUDE)?;
        let found = self.index.resolve_in(prelude, path);
        found.or_else(|| {
            self.index
                .resolve(&format!("std::{path}"))
                .filter(|_| !mark.is_empty())
        })
    }

    /// The crates that a path can begin with.
    pub(super) fn crates(&self) -> impl Iterator<Item = &str> {
        let added = self.scope.crates.iter().map(String::as_str);
        CRATES.into_iter().chain(added)
    }

    /// All names that stand for items here, each with the path behind it.
    pub(super) fn imported(&'a self) -> Vec<(String, String)> {
        let mut found = Vec::new();
        for one in self.uses.iter().chain(&self.scope.uses) {
            match (one.name.as_str(), self.resolve(&one.path)) {
                ("*", Some(module)) => found.extend(self.index.children(module)),
                ("*" | "_", _) => {}
                (name, Some(item)) => found.push((name.to_owned(), item.path.clone())),
                (name, _) => found.push((name.to_owned(), String::new())),
            }
        }
        found
    }

    /// The names of the prelude, and the macros of the standard library.
    pub(super) fn prelude(&'a self) -> Vec<(String, String)> {
        let children = |path| {
            let module = self.index.resolve(path);
            module
                .map(|module| self.index.children(module))
                .unwrap_or_default()
        };
        let macros = ["std", "core", "alloc"].into_iter().flat_map(children);
        children(PRELUDE)
            .into_iter()
            .chain(macros.filter(|(_, path)| path.ends_with('!')))
            .collect()
    }

    /// The paths of the library's traits whose methods can be called here.
    pub(super) fn traits(&'a self) -> Vec<&'a Item> {
        let mut found: Vec<&Item> = Vec::new();
        let underscored = self
            .uses
            .iter()
            .chain(&self.scope.uses)
            .filter(|one| one.name == "_")
            .filter_map(|one| self.index.resolve(&one.path));
        let named = self.imported().into_iter().chain(self.prelude());
        let named = named.filter_map(|(_, path)| self.index.item(&path));
        for item in named.chain(underscored) {
            if item.kind == "trait" && !found.iter().any(|known| known.path == item.path) {
                found.push(item);
            }
        }
        found
    }
}
