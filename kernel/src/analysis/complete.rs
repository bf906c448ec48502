//! What may stand at the cursor.

use super::index::Item;
use super::members::{Offer, of_type, of_value};
use super::moment::Moment;
use super::spot::{Found, Spot};
use super::words::KEYWORDS;
use crate::evaluator::Completion;
use std::collections::HashSet;

/// The commands that a session obeys.
const COMMANDS: [(&str, &str); 10] = [
    ("dep", ":dep NAME = \"VERSION\" adds a crate"),
    ("opt", ":opt 0..3 sets how much cells are optimised"),
    ("vars", ":vars lists the variables and their types"),
    ("clear", ":clear forgets all variables and items"),
    ("restart", ":restart starts the process of the cells anew"),
    ("show_deps", ":show_deps lists the crates that were added"),
    ("timing", ":timing toggles how long each cell took"),
    ("explain", ":explain describes the last error"),
    ("offline", ":offline 1 keeps cargo off the network"),
    ("help", ":help lists the commands"),
];

/// Lists what fits, the likeliest first.
pub(super) fn complete(found: &Found, moment: &Moment<'_>, at: usize) -> Vec<Completion> {
    let stem = &moment.code[found.start..at];
    let all = match &found.spot {
        Spot::Nothing => Vec::new(),
        Spot::Command => COMMANDS
            .iter()
            .map(|(name, what)| completion(name, "keyword", what))
            .collect(),
        Spot::Member(dot) => members(moment, *dot),
        Spot::Use(path) if path.is_empty() => {
            let crates = moment
                .names
                .crates()
                .map(|name| completion(name, "module", ""));
            crates
                .chain(things(&moment.names.imported(), moment))
                .collect()
        }
        Spot::Path(path) | Spot::Use(path) => behind(path, moment),
        Spot::Bare(of) => bare(of.as_deref(), moment, found.start),
    };
    select(all, stem)
}

/// Keeps what begins with the stem, in whatever case if nothing begins just so, each text once.
fn select(all: Vec<Completion>, stem: &str) -> Vec<Completion> {
    let hidden = |one: &Completion| one.text.starts_with('_') && !stem.starts_with('_');
    let mut seen = HashSet::new();
    let all: Vec<Completion> = all
        .into_iter()
        .filter(|one| !hidden(one) && seen.insert(one.text.clone()))
        .collect();
    let exact: Vec<Completion> = all
        .iter()
        .filter(|one| one.text.starts_with(stem))
        .cloned()
        .collect();
    if !exact.is_empty() {
        return exact;
    }
    let stem = stem.to_lowercase();
    all.into_iter()
        .filter(|one| one.text.to_lowercase().starts_with(&stem))
        .collect()
}

fn completion(text: &str, kind: &str, signature: &str) -> Completion {
    Completion {
        text: text.to_owned(),
        kind: kind.to_owned(),
        signature: signature.to_owned(),
    }
}

fn members(moment: &Moment<'_>, dot: usize) -> Vec<Completion> {
    let Some(receiver) = (moment.ask)(&moment.code[..dot]) else {
        return Vec::new();
    };
    let offers = of_value(&receiver, &moment.names);
    let mut all: Vec<Completion> = offers.iter().map(offered).collect();
    // Fields first, else in the order in which the compiler looks.
    all.sort_by_key(|one| one.kind != "field");
    all.push(completion("await", "keyword", ""));
    all.retain(|one| one.text != "await" || receiver.kind.contains("Future"));
    all
}

fn offered(offer: &Offer) -> Completion {
    let member = &offer.member;
    completion(&member.name, &member.kind, &member.signature)
}

/// What a path goes on with.
fn behind(path: &str, moment: &Moment<'_>) -> Vec<Completion> {
    let names = &moment.names;
    let Some(item) = names.resolve(path) else {
        return Vec::new();
    };
    let mut all = Vec::new();
    if item.kind == "module" {
        let mut children = names.index.children(item);
        children.sort();
        all.extend(things(&children, moment));
    }
    if item.kind != "module" {
        all.extend(of_type(item, names).iter().map(offered));
    }
    // `f64` is a type and a module.
    if !path.contains("::") {
        let other = match item.kind.as_str() {
            "primitive" => names.index.resolve(&format!("std::{path}")),
            _ => names
                .index
                .item(path)
                .filter(|item| item.kind == "primitive"),
        };
        match other {
            Some(other) if other.kind == "module" => {
                all.extend(things(&names.index.children(other), moment));
            }
            Some(other) => all.extend(of_type(other, names).iter().map(offered)),
            None => {}
        }
    }
    // Variants and constructors before what traits add.
    all.sort_by_key(|one| match one.kind.as_str() {
        "variant" => 0,
        "function" if item.kind != "module" => 1,
        _ => 2,
    });
    all
}

/// Names with the items that they stand for.
fn things(children: &[(String, String)], moment: &Moment<'_>) -> Vec<Completion> {
    let each = |(name, path): &(String, String)| {
        let item = moment.names.index.item(path);
        let mark = if path.ends_with('!') { "!" } else { "" };
        let (kind, signature) = item.map_or(("", ""), |item| (&item.kind, &item.signature));
        completion(&format!("{name}{mark}"), kind, signature)
    };
    children.iter().map(each).collect()
}

fn own(item: &Item) -> Completion {
    completion(&item.path, &item.kind, &item.signature)
}

/// A word that stands alone.
fn bare(of: Option<&str>, moment: &Moment<'_>, at: usize) -> Vec<Completion> {
    let names = &moment.names;
    let fields = of.and_then(|path| names.resolve(path)).map(|item| {
        let fields = item.members.iter().filter(|member| member.kind == "field");
        let fields = fields.map(|member| completion(&member.name, "field", &member.signature));
        fields.collect::<Vec<_>>()
    });
    let mut all = fields.unwrap_or_default();
    all.extend(
        moment
            .locals(at)
            .iter()
            .map(|name| completion(name, "variable", "")),
    );
    let variables = names.scope.variables.iter();
    all.extend(variables.map(|(name, kind)| completion(name, "variable", kind)));
    all.extend(names.items.iter().chain(&names.scope.items).map(own));
    let mut imported = names.imported();
    imported.sort();
    all.extend(things(&imported, moment));
    all.extend(names.crates().map(|name| completion(name, "module", "")));
    all.extend(KEYWORDS.iter().map(|word| completion(word, "keyword", "")));
    let mut prelude = names.prelude();
    prelude.sort();
    all.extend(things(&prelude, moment));
    for name in [
        "bool", "char", "str", "u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16", "i32",
        "i64", "i128", "isize", "f32", "f64",
    ] {
        all.push(completion(name, "type", ""));
    }
    all
}
