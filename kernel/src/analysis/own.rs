//! The items that a person has written, as items of an index.

use super::index::{Item, Member};
use syn::spanned::Spanned;

/// Reads items from the source that they were parsed from.
pub(super) fn items(parsed: &[syn::Item], source: &str) -> Vec<Item> {
    let reader = Reader { source };
    let mut items: Vec<Item> = parsed.iter().filter_map(|item| reader.item(item)).collect();
    for item in parsed {
        if let syn::Item::Impl(block) = item {
            reader.implementation(block, &mut items);
        }
    }
    items
}

struct Reader<'a> {
    source: &'a str,
}

impl Reader<'_> {
    /// The text of something, on one line.
    fn text(&self, what: &impl Spanned) -> String {
        let text = self.source.get(what.span().byte_range());
        let words: Vec<&str> = text.unwrap_or_default().split_whitespace().collect();
        words.join(" ")
    }

    fn item(&self, item: &syn::Item) -> Option<Item> {
        let whole = |name: &syn::Ident, kind: &str, attributes: &[syn::Attribute]| Item {
            path: name.to_string(),
            kind: kind.to_owned(),
            docs: docs(attributes),
            ..Item::default()
        };
        let declared = |word: &str, name: &syn::Ident, generics: &syn::Generics| {
            let parameters = if generics.params.is_empty() {
                String::new()
            } else {
                self.text(generics)
            };
            format!("{word} {name}{parameters}")
        };
        Some(match item {
            syn::Item::Fn(item) => Item {
                signature: self.text(&item.sig),
                ..whole(&item.sig.ident, "function", &item.attrs)
            },
            syn::Item::Struct(item) => Item {
                signature: format!(
                    "{}{}",
                    declared("struct", &item.ident, &item.generics),
                    match &item.fields {
                        syn::Fields::Unnamed(fields) => self.text(fields),
                        _ => String::new(),
                    }
                ),
                generics: parameters(&item.generics),
                traits: derived(&item.attrs),
                members: self.fields(&item.fields),
                ..whole(&item.ident, "struct", &item.attrs)
            },
            syn::Item::Enum(item) => Item {
                signature: declared("enum", &item.ident, &item.generics),
                generics: parameters(&item.generics),
                traits: derived(&item.attrs),
                members: item
                    .variants
                    .iter()
                    .map(|variant| self.variant(variant))
                    .collect(),
                ..whole(&item.ident, "enum", &item.attrs)
            },
            syn::Item::Union(item) => Item {
                signature: declared("union", &item.ident, &item.generics),
                ..whole(&item.ident, "union", &item.attrs)
            },
            syn::Item::Type(item) => Item {
                signature: self.text(item).trim_end_matches(';').to_owned(),
                generics: parameters(&item.generics),
                target: self.text(&item.ty),
                ..whole(&item.ident, "type", &item.attrs)
            },
            syn::Item::Trait(item) => Item {
                signature: declared("trait", &item.ident, &item.generics),
                generics: parameters(&item.generics),
                members: item
                    .items
                    .iter()
                    .filter_map(|item| match item {
                        syn::TraitItem::Fn(item) => Some(self.function(&item.sig, &item.attrs)),
                        syn::TraitItem::Const(item) => {
                            Some(self.constant(&item.ident, &item.ty, &item.attrs))
                        }
                        _ => None,
                    })
                    .collect(),
                ..whole(&item.ident, "trait", &item.attrs)
            },
            syn::Item::Const(item) => Item {
                signature: format!("const {}: {}", item.ident, self.text(&item.ty)),
                ..whole(&item.ident, "constant", &item.attrs)
            },
            syn::Item::Static(item) => Item {
                signature: format!("static {}: {}", item.ident, self.text(&item.ty)),
                ..whole(&item.ident, "static", &item.attrs)
            },
            syn::Item::Mod(item) => Item {
                signature: format!("mod {}", item.ident),
                ..whole(&item.ident, "module", &item.attrs)
            },
            syn::Item::Macro(item) => Item {
                path: format!("{}!", item.ident.as_ref()?),
                kind: "macro".to_owned(),
                signature: format!("macro {}!", item.ident.as_ref()?),
                docs: docs(&item.attrs),
                ..Item::default()
            },
            _ => return None,
        })
    }

    fn fields(&self, fields: &syn::Fields) -> Vec<Member> {
        let each = |(number, field): (usize, &syn::Field)| {
            let name = field
                .ident
                .as_ref()
                .map_or_else(|| number.to_string(), ToString::to_string);
            Member {
                signature: format!("{name}: {}", self.text(&field.ty)),
                kind: "field".to_owned(),
                docs: docs(&field.attrs),
                name,
                ..Member::default()
            }
        };
        fields.iter().enumerate().map(each).collect()
    }

    fn variant(&self, variant: &syn::Variant) -> Member {
        Member {
            name: variant.ident.to_string(),
            kind: "variant".to_owned(),
            signature: self.text(variant),
            docs: docs(&variant.attrs),
            ..Member::default()
        }
    }

    fn function(&self, signature: &syn::Signature, attributes: &[syn::Attribute]) -> Member {
        let kind = match signature.receiver() {
            Some(_) => "method",
            None => "function",
        };
        Member {
            name: signature.ident.to_string(),
            kind: kind.to_owned(),
            signature: self.text(signature),
            docs: docs(attributes),
            ..Member::default()
        }
    }

    fn constant(
        &self,
        name: &syn::Ident,
        kind: &syn::Type,
        attributes: &[syn::Attribute],
    ) -> Member {
        Member {
            name: name.to_string(),
            kind: "constant".to_owned(),
            signature: format!("const {name}: {}", self.text(kind)),
            docs: docs(attributes),
            ..Member::default()
        }
    }

    fn implementation(&self, block: &syn::ItemImpl, items: &mut [Item]) {
        let syn::Type::Path(path) = &*block.self_ty else {
            return;
        };
        let Some(name) = path
            .path
            .segments
            .last()
            .map(|segment| segment.ident.to_string())
        else {
            return;
        };
        let Some(item) = items.iter_mut().find(|item| item.path == name) else {
            return;
        };
        if let Some((_, of, _)) = &block.trait_ {
            let of = self.text(of);
            let of = of.split('<').next().unwrap_or_default().trim().to_owned();
            if of.rsplit("::").next() == Some("Deref") {
                item.target = block
                    .items
                    .iter()
                    .find_map(|item| match item {
                        syn::ImplItem::Type(target) => Some(self.text(&target.ty)),
                        _ => None,
                    })
                    .unwrap_or_default();
            }
            let whole = path
                .path
                .segments
                .last()
                .is_none_or(|last| last.arguments.is_none());
            let narrow = if whole {
                String::new()
            } else {
                self.text(&*block.self_ty)
            };
            item.traits.push((of, narrow));
            return;
        }
        for member in &block.items {
            item.members.extend(match member {
                syn::ImplItem::Fn(member) => Some(self.function(&member.sig, &member.attrs)),
                syn::ImplItem::Const(member) => {
                    Some(self.constant(&member.ident, &member.ty, &member.attrs))
                }
                _ => None,
            });
        }
    }
}

fn parameters(generics: &syn::Generics) -> Vec<String> {
    generics
        .params
        .iter()
        .filter_map(|parameter| match parameter {
            syn::GenericParam::Type(parameter) => Some(parameter.ident.to_string()),
            syn::GenericParam::Const(parameter) => Some(parameter.ident.to_string()),
            syn::GenericParam::Lifetime(_) => None,
        })
        .collect()
}

/// The traits named by `#[derive(…)]`.
fn derived(attributes: &[syn::Attribute]) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for attribute in attributes {
        if attribute.path().is_ident("derive") {
            // What does not parse derives nothing.
            let _ = attribute.parse_nested_meta(|meta| {
                let segments = meta.path.segments.iter();
                let path: Vec<String> = segments.map(|one| one.ident.to_string()).collect();
                found.push((path.join("::"), String::new()));
                Ok(())
            });
        }
    }
    found
}

fn docs(attributes: &[syn::Attribute]) -> String {
    let lines: Vec<String> = attributes
        .iter()
        .filter(|attribute| attribute.path().is_ident("doc"))
        .filter_map(|attribute| match &attribute.meta {
            syn::Meta::NameValue(pair) => match &pair.value {
                syn::Expr::Lit(literal) => match &literal.lit {
                    syn::Lit::Str(text) => Some(text.value().trim_start_matches(' ').to_owned()),
                    _ => None,
                },
                _ => None,
            },
            _ => None,
        })
        .collect();
    lines.join("\n")
}
