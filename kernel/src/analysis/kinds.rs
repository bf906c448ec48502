//! Types as the compiler names them: what they are made of, what they read as.

use super::index::Item;
use super::names::Names;
use quote::ToTokens;
use std::collections::HashMap;
use syn::visit_mut::VisitMut;

/// How many times a value may be looked through.
const STEPS: usize = 10;

/// Reads the name of a type; lifetimes and what has no name are let through as `_`.
pub(super) fn parse(kind: &str) -> Option<syn::Type> {
    // `{closure@…}` and `{integer}` are no Rust.
    let mut text = String::new();
    let mut rest = kind;
    while let Some(open) = rest.find('{') {
        let close = open + rest[open..].find('}')?;
        text.push_str(&rest[..open]);
        text.push_str(match &rest[open..=close] {
            "{integer}" => "i32",
            "{float}" => "f64",
            _ => "_",
        });
        rest = &rest[close + 1..];
    }
    text.push_str(rest);
    syn::parse_str(&text).ok()
}

/// The item behind a type, and the types that it is applied to.
pub(super) fn head<'a>(
    kind: &syn::Type,
    names: &'a Names<'a>,
) -> Option<(&'a Item, Vec<syn::Type>)> {
    match kind {
        syn::Type::Path(path) => {
            let segments: Vec<String> = path
                .path
                .segments
                .iter()
                .map(|segment| segment.ident.to_string())
                .collect();
            let path_text = segments.join("::");
            let index = names.index;
            let item = if let [single] = segments.as_slice() {
                index.item(single).filter(|item| item.kind == "primitive")
            } else {
                index.item(&path_text).or_else(|| index.resolve(&path_text))
            };
            let item = item.or_else(|| names.resolve(&path_text))?;
            Some((item, arguments(path.path.segments.last()?)))
        }
        syn::Type::Slice(slice) => Some((names.index.item("slice")?, vec![(*slice.elem).clone()])),
        syn::Type::Array(array) => Some((names.index.item("array")?, vec![(*array.elem).clone()])),
        syn::Type::Tuple(_) => Some((names.index.item("tuple")?, Vec::new())),
        syn::Type::Paren(inner) => head(&inner.elem, names),
        _ => None,
    }
}

fn arguments(segment: &syn::PathSegment) -> Vec<syn::Type> {
    let syn::PathArguments::AngleBracketed(arguments) = &segment.arguments else {
        return Vec::new();
    };
    let each = |argument: &syn::GenericArgument| match argument {
        syn::GenericArgument::Type(kind) => Some(kind.clone()),
        syn::GenericArgument::Const(value) => {
            syn::parse_str(&value.to_token_stream().to_string()).ok()
        }
        _ => None,
    };
    arguments.args.iter().filter_map(each).collect()
}

/// A type and all that it reads as, in the order in which methods are looked up.
pub(super) fn steps<'a>(kind: syn::Type, names: &'a Names<'a>) -> Vec<syn::Type> {
    let mut found = vec![kind];
    while found.len() < STEPS
        && let Some(next) = found.last().and_then(|last| step(last, names))
    {
        found.push(next);
    }
    found
}

fn step<'a>(kind: &syn::Type, names: &'a Names<'a>) -> Option<syn::Type> {
    match kind {
        syn::Type::Reference(reference) => Some((*reference.elem).clone()),
        syn::Type::Paren(inner) => Some((*inner.elem).clone()),
        syn::Type::Group(inner) => Some((*inner.elem).clone()),
        syn::Type::Array(array) => Some(syn::Type::Slice(syn::TypeSlice {
            bracket_token: array.bracket_token,
            elem: array.elem.clone(),
        })),
        _ => {
            let (item, arguments) = head(kind, names)?;
            target(item, &arguments)
        }
    }
}

/// What a type stands for (an alias) or reads as (by `Deref`).
pub(super) fn target(item: &Item, arguments: &[syn::Type]) -> Option<syn::Type> {
    let mut kind: syn::Type = syn::parse_str(&item.target).ok()?;
    Substitution(
        item.generics
            .iter()
            .map(String::as_str)
            .zip(arguments)
            .collect(),
    )
    .visit_type_mut(&mut kind);
    Some(kind)
}

/// Puts types in the place of type parameters.
struct Substitution<'a>(HashMap<&'a str, &'a syn::Type>);

impl VisitMut for Substitution<'_> {
    fn visit_type_mut(&mut self, kind: &mut syn::Type) {
        if let syn::Type::Path(path) = kind
            && let Some(name) = path.path.get_ident()
            && let Some(argument) = self.0.get(name.to_string().as_str())
        {
            *kind = (*argument).clone();
            return;
        }
        syn::visit_mut::visit_type_mut(self, kind);
    }
}

/// Tells whether a member that is defined for `of` may belong to `kind`: false only where two types surely differ.
pub(super) fn fits<'a>(of: &str, kind: &syn::Type, (item, names): (&Item, &'a Names<'a>)) -> bool {
    if of.is_empty() {
        return true;
    }
    syn::parse_str::<syn::Type>(of).map_or(true, |of| agree(&of, kind, (&item.generics, names)))
}

fn agree<'a>(of: &syn::Type, kind: &syn::Type, context: (&[String], &'a Names<'a>)) -> bool {
    let (parameters, names) = context;
    match (of, kind) {
        (syn::Type::Infer(_), _) | (_, syn::Type::Infer(_)) => true,
        (syn::Type::Path(of), kind) => {
            let name = of
                .path
                .segments
                .last()
                .map(|one| one.ident.to_string())
                .unwrap_or_default();
            // A parameter of the implementation; by custom they are single letters.
            if of.path.segments.len() == 1 && (name.len() == 1 || parameters.contains(&name)) {
                return true;
            }
            let syn::Type::Path(kind) = kind else {
                return head(&syn::Type::Path(of.clone()), names)
                    .is_some_and(|(item, _)| item.kind == "type");
            };
            let Some((last, other)) = of.path.segments.last().zip(kind.path.segments.last()) else {
                return true;
            };
            if last.ident != other.ident {
                // `Ix1` stands for `Dim<[usize; 1]>`.
                return alias(&name)
                    .is_some_and(|of| agree(&of, &syn::Type::Path(kind.clone()), context));
            }
            let (of, kind) = (arguments(last), arguments(other));
            of.iter()
                .zip(&kind)
                .all(|(of, kind)| agree(of, kind, context))
        }
        (syn::Type::Slice(of), syn::Type::Slice(kind)) => agree(&of.elem, &kind.elem, context),
        (syn::Type::Array(of), syn::Type::Array(kind)) => {
            let (of_length, length) = (
                of.len.to_token_stream().to_string(),
                kind.len.to_token_stream().to_string(),
            );
            let known = of_length.starts_with(|letter: char| letter.is_ascii_digit());
            (!known || of_length == length) && agree(&of.elem, &kind.elem, context)
        }
        (syn::Type::Reference(of), syn::Type::Reference(kind)) => {
            agree(&of.elem, &kind.elem, context)
        }
        (of, kind) => std::mem::discriminant(of) == std::mem::discriminant(kind),
    }
}

/// The number of dimensions of an array has names that stand for other types.
fn alias(name: &str) -> Option<syn::Type> {
    let number = name.strip_prefix("Ix")?;
    match number {
        "Dyn" => syn::parse_str("Dim<IxDynImpl>").ok(),
        number => syn::parse_str(&format!("Dim<[usize; {number}]>")).ok(),
    }
}

/// Writes a type as a person would.
pub(super) fn spell(kind: &syn::Type) -> String {
    tidy(&kind.to_token_stream().to_string())
}

/// Takes out the spaces that the compiler's tokens are written with.
pub(super) fn tidy(text: &str) -> String {
    let mut text = text.to_owned();
    for (loose, tight) in [
        (" :: ", "::"),
        (":: ", "::"),
        (" < ", "<"),
        ("< ", "<"),
        (" >", ">"),
        ("& ", "&"),
        (" ,", ","),
        (" ;", ";"),
        ("( ", "("),
        (" )", ")"),
    ] {
        text = text.replace(loose, tight);
    }
    text
}
