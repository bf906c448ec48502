//! What can stand behind the dot of a value, and behind the `::` of a type.

use super::index::{Item, Member};
use super::kinds::{fits, head, parse, spell, steps};
use super::names::Names;
use std::collections::HashSet;

/// How many names a type may have.
const ALIASES: usize = 4;

/// A member and where it comes from.
#[derive(Clone, Debug)]
pub(super) struct Offer {
    pub(super) member: Member,
    /// The type, or the trait, that has it.
    pub(super) from: String,
}

/// What a compiler says about a value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Receiver {
    /// Its type.
    pub(super) kind: String,
    /// Traits that it surely implements, by the names under which they were asked about.
    pub(super) traits: Vec<String>,
}

/// The methods and fields of a value: its own before those of what it reads as, and those before the ones of traits.
pub(super) fn of_value<'a>(receiver: &Receiver, names: &'a Names<'a>) -> Vec<Offer> {
    let Some(kind) = parse(&receiver.kind) else {
        return Vec::new();
    };
    let mut offers = Vec::new();
    let mut implemented: Vec<&Item> = receiver
        .traits
        .iter()
        .filter_map(|name| names.resolve(name))
        .collect();
    for kind in steps(kind, names) {
        if let syn::Type::Tuple(tuple) = &kind {
            offers.extend(
                tuple
                    .elems
                    .iter()
                    .enumerate()
                    .map(|(number, kind)| field(number, kind)),
            );
        }
        implemented.extend(bounds(&kind, names));
        let Some((item, _)) = head(&kind, names) else {
            continue;
        };
        let own = item.members.iter().filter(|member| {
            let is_field = member.kind == "field" && item.kind != "enum";
            (is_field || member.kind == "method") && fits(&member.of, &kind, (item, names))
        });
        let mut own: Vec<Offer> = own.map(|member| offer(member, item)).collect();
        own.sort_by(|one, other| rank(one).cmp(&rank(other)));
        offers.extend(own);
        implemented.extend(traits(item, Some(&kind), names));
    }
    let mut from_traits = of_traits(&implemented, names);
    from_traits.sort_by(|one, other| rank(one).cmp(&rank(other)));
    offers.extend(from_traits);
    let mut seen = HashSet::new();
    offers.retain(|offer| seen.insert(offer.member.name.clone()));
    offers
}

/// Fields first, what is unsafe last, and otherwise by name.
fn rank(offer: &Offer) -> (bool, bool, &str) {
    let member = &offer.member;
    (
        member.kind != "field",
        member.signature.starts_with("unsafe "),
        &member.name,
    )
}

/// The traits that a type implements; without its arguments, those that it may implement.
fn traits<'a>(item: &'a Item, kind: Option<&syn::Type>, names: &'a Names<'a>) -> Vec<&'a Item> {
    let find = |(path, of): &(String, String)| {
        let holds = kind.is_none_or(|kind| fits(of, kind, (item, names)));
        let found = names.index.item(path).or_else(|| names.resolve(path));
        found.filter(|_| holds)
    };
    item.traits.iter().filter_map(find).collect()
}

/// The traits of a type that is known by them alone, such as `dyn Read` or `impl Iterator<Item = u8>`.
fn bounds<'a>(kind: &syn::Type, names: &'a Names<'a>) -> Vec<&'a Item> {
    let bounds = match kind {
        syn::Type::TraitObject(object) => &object.bounds,
        syn::Type::ImplTrait(opaque) => &opaque.bounds,
        _ => return Vec::new(),
    };
    let each = |bound: &syn::TypeParamBound| {
        let syn::TypeParamBound::Trait(bound) = bound else {
            return None;
        };
        let segments = bound.path.segments.iter();
        let path: Vec<String> = segments.map(|one| one.ident.to_string()).collect();
        names.resolve(&path.join("::"))
    };
    bounds.iter().filter_map(each).collect()
}

/// The methods of traits that are implemented and in scope; a session's own traits always are.
fn of_traits<'a>(implemented: &[&'a Item], names: &'a Names<'a>) -> Vec<Offer> {
    let in_scope = names.traits();
    let mut offers = Vec::new();
    for item in implemented {
        let usable =
            !item.path.contains("::") || in_scope.iter().any(|known| known.path == item.path);
        // Who can be displayed has a text.
        let item = match item.path.as_str() {
            "core::fmt::Display" => names.index.item("alloc::string::ToString").unwrap_or(item),
            _ if usable => item,
            _ => continue,
        };
        let methods = item.members.iter().filter(|member| member.kind == "method");
        offers.extend(methods.map(|member| offer(member, item)));
        if item.path == "core::iter::traits::iterator::Iterator"
            && let Some(more) = names
                .index
                .item("core::iter::traits::collect::IntoIterator")
        {
            offers.extend(more.members.iter().map(|member| offer(member, more)));
        }
    }
    offers
}

fn offer(member: &Member, item: &Item) -> Offer {
    Offer {
        member: member.clone(),
        from: item.path.clone(),
    }
}

fn field(number: usize, kind: &syn::Type) -> Offer {
    Offer {
        member: Member {
            name: number.to_string(),
            kind: "field".to_owned(),
            signature: format!("{number}: {}", spell(kind)),
            ..Member::default()
        },
        from: "tuple".to_owned(),
    }
}

/// What a type or a trait offers behind `::`.
pub(super) fn of_type<'a>(item: &'a Item, names: &'a Names<'a>) -> Vec<Offer> {
    let mut item = item;
    // An alias offers what it stands for.
    for _ in 0..ALIASES {
        if item.kind == "type"
            && let Ok(kind) = syn::parse_str(&item.target)
            && let Some((behind, _)) = head(&kind, names)
        {
            item = behind;
        }
    }
    let own = item.members.iter().filter(|member| member.kind != "field");
    let mut offers: Vec<Offer> = own.map(|member| offer(member, item)).collect();
    for of in traits(item, None, names) {
        offers.extend(of.members.iter().map(|member| offer(member, of)));
    }
    let mut seen = HashSet::new();
    offers.retain(|offer| seen.insert(offer.member.name.clone()));
    offers
}
