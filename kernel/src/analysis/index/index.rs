//! Looking items up.

use super::Item;
use std::collections::{HashMap, HashSet};

/// Knows items by the path of their definition, and finds that path from any other.
#[derive(Debug, Default)]
pub(crate) struct Index {
    items: HashMap<String, Item>,
}

impl Index {
    /// Adds items; what is known of one type in several crates comes together.
    pub(crate) fn extend(&mut self, items: impl IntoIterator<Item = Item>) {
        for item in items {
            let Some(known) = self.items.get_mut(&item.path) else {
                self.items.insert(item.path.clone(), item);
                continue;
            };
            if known.kind.is_empty() {
                (known.kind, known.signature) = (item.kind, item.signature);
                (known.docs, known.generics) = (item.docs, item.generics);
            }
            if known.target.is_empty() {
                known.target = item.target;
            }
            known.members.extend(item.members);
            known.traits.extend(item.traits);
            known.children.extend(item.children);
        }
    }

    /// Gives all items.
    pub(crate) fn into_items(self) -> Vec<Item> {
        self.items.into_values().collect()
    }

    /// Tells whether nothing is known.
    pub(crate) fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// The item defined at a path.
    pub(crate) fn item(&self, path: &str) -> Option<&Item> {
        self.items.get(path)
    }

    /// The item that a path leads to, through modules that pass names on. A macro is asked for with its `!`.
    pub(crate) fn resolve(&self, path: &str) -> Option<&Item> {
        let mut segments = path.trim_start_matches("::").split("::");
        let mut item = self.item(segments.next()?)?;
        for segment in segments {
            item = self.child(item, segment)?;
        }
        Some(item)
    }

    /// The item that a path leads to from inside a module.
    pub(crate) fn resolve_in<'a>(&'a self, module: &'a Item, path: &str) -> Option<&'a Item> {
        let step = |item, segment| self.child(item, segment);
        path.split("::").try_fold(module, step)
    }

    /// What a name in a module leads to.
    fn child<'a>(&'a self, item: &Item, name: &str) -> Option<&'a Item> {
        let wants_macro = name.ends_with('!');
        let bare = name.trim_end_matches('!');
        // A module, a type and a function may share a name: what can be gone through comes first.
        let mut found: Vec<&Item> = self
            .children(item)
            .into_iter()
            .filter(|(known, path)| known == bare && path.ends_with('!') == wants_macro)
            .filter_map(|(_, path)| self.item(&path))
            .collect();
        found.sort_by_key(|item| match item.kind.as_str() {
            "module" => 0,
            "function" => 2,
            _ => 1,
        });
        found.first().copied()
    }

    /// All names in a module with the paths behind them, what it passes on from other modules among them.
    pub(crate) fn children(&self, item: &Item) -> Vec<(String, String)> {
        let mut found = Vec::new();
        self.collect(item, &mut HashSet::new(), &mut found);
        found
    }

    fn collect(&self, item: &Item, seen: &mut HashSet<String>, found: &mut Vec<(String, String)>) {
        if !seen.insert(item.path.clone()) {
            return;
        }
        for (name, path) in &item.children {
            if name != "*" {
                found.push((name.clone(), path.clone()));
            } else if let Some(item) = self.item(path) {
                self.collect(item, seen, found);
            }
        }
    }
}
