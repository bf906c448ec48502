//! The types that a parameter can have.

use quote::ToTokens;
use syn::{Expr, ExprLit, GenericArgument, Lit, PathArguments, Type, UnOp};

/// Is a type that a value can be written for.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kind {
    Bool,
    Char,
    /// Any of the integers, by name.
    Integer(String),
    /// `f32` or `f64`.
    Float(String),
    Text,
    Slice,
    Path,
    Optional(Box<Kind>),
    Vector(Box<Kind>),
    Array(Box<Kind>, Option<usize>),
    Tuple(Vec<Kind>),
    /// A map from text, by its type's name.
    Map(String, Box<Kind>, Box<Kind>),
    /// Something else, as it is spelled.
    Other(String),
}

const INTEGERS: [&str; 12] = [
    "i8", "i16", "i32", "i64", "i128", "isize", "u8", "u16", "u32", "u64", "u128", "usize",
];

impl Kind {
    /// Reads a type.
    pub(super) fn of_type(form: &Type) -> Self {
        let other = || Self::Other(form.to_token_stream().to_string().replace(' ', ""));
        match form {
            Type::Paren(inner) => Self::of_type(&inner.elem),
            Type::Group(inner) => Self::of_type(&inner.elem),
            Type::Reference(inner) if is_str(&inner.elem) => Self::Slice,
            Type::Tuple(tuple) => Self::Tuple(tuple.elems.iter().map(Self::of_type).collect()),
            Type::Array(array) => {
                Self::Array(Box::new(Self::of_type(&array.elem)), length(&array.len))
            }
            Type::Path(path) => {
                let Some(last) = path.path.segments.last() else {
                    return other();
                };
                let name = last.ident.to_string();
                let arguments: Vec<Self> = match &last.arguments {
                    PathArguments::AngleBracketed(list) => list
                        .args
                        .iter()
                        .filter_map(|argument| match argument {
                            GenericArgument::Type(form) => Some(Self::of_type(form)),
                            _ => None,
                        })
                        .collect(),
                    _ => Vec::new(),
                };
                match (name.as_str(), arguments.as_slice()) {
                    (name, []) => Self::named(name).unwrap_or_else(other),
                    ("Option", [inner]) => Self::Optional(Box::new(inner.clone())),
                    ("Vec", [inner]) => Self::Vector(Box::new(inner.clone())),
                    ("HashMap" | "BTreeMap", [key, value]) => {
                        Self::Map(name, Box::new(key.clone()), Box::new(value.clone()))
                    }
                    _ => other(),
                }
            }
            _ => other(),
        }
    }

    /// Reads the type off the value that a variable without an explicit type begins with.
    pub(super) fn of_start(start: &Expr) -> Self {
        let other = || Self::Other("a type that only the compiler knows".to_owned());
        match start {
            Expr::Paren(inner) => Self::of_start(&inner.expr),
            Expr::Group(inner) => Self::of_start(&inner.expr),
            Expr::Unary(minus) if matches!(minus.op, UnOp::Neg(_)) => Self::of_start(&minus.expr),
            Expr::Cast(cast) => Self::of_type(&cast.ty),
            Expr::Lit(ExprLit { lit, .. }) => {
                match lit {
                    Lit::Bool(_) => Self::Bool,
                    Lit::Char(_) => Self::Char,
                    Lit::Str(_) => Self::Slice,
                    Lit::Int(number) => Self::named(number.suffix())
                        .unwrap_or_else(|| Self::Integer("i32".to_owned())),
                    Lit::Float(number) => Self::named(number.suffix())
                        .unwrap_or_else(|| Self::Float("f64".to_owned())),
                    _ => other(),
                }
            }
            Expr::MethodCall(call)
                if ["to_owned", "to_string"].contains(&call.method.to_string().as_str())
                    && Self::of_start(&call.receiver) == Self::Slice =>
            {
                Self::Text
            }
            Expr::Call(call) => match (path(&call.func).as_str(), call.args.first()) {
                ("String::from" | "String::new", _) => Self::Text,
                ("PathBuf::from" | "std::path::PathBuf::from", _) => Self::Path,
                ("Some", Some(inner)) => Self::Optional(Box::new(Self::of_start(inner))),
                _ => other(),
            },
            // Such as `f64::NAN` or `u64::MAX`.
            Expr::Path(_) => path(start)
                .split_once("::")
                .and_then(|(name, _)| Self::named(name))
                .unwrap_or_else(other),
            Expr::Array(array) => array.elems.first().map_or_else(other, |first| {
                Self::Array(Box::new(Self::of_start(first)), Some(array.elems.len()))
            }),
            Expr::Tuple(tuple) => Self::Tuple(tuple.elems.iter().map(Self::of_start).collect()),
            Expr::Macro(call) if call.mac.path.is_ident("vec") => {
                let items = call.mac.parse_body_with(
                    syn::punctuated::Punctuated::<Expr, syn::Token![,]>::parse_terminated,
                );
                items
                    .ok()
                    .and_then(|items| items.first().map(Self::of_start))
                    .map_or_else(other, |item| Self::Vector(Box::new(item)))
            }
            _ => other(),
        }
    }

    fn named(name: &str) -> Option<Self> {
        Some(match name {
            "bool" => Self::Bool,
            "char" => Self::Char,
            "f32" | "f64" => Self::Float(name.to_owned()),
            "String" => Self::Text,
            "PathBuf" => Self::Path,
            integer if INTEGERS.contains(&integer) => Self::Integer(integer.to_owned()),
            _ => return None,
        })
    }

    /// Spells the type.
    pub(super) fn spell(&self) -> String {
        match self {
            Self::Bool => "bool".to_owned(),
            Self::Char => "char".to_owned(),
            Self::Integer(name) | Self::Float(name) | Self::Other(name) => name.clone(),
            Self::Text => "String".to_owned(),
            Self::Slice => "&str".to_owned(),
            Self::Path => "std::path::PathBuf".to_owned(),
            Self::Optional(inner) => format!("Option<{}>", inner.spell()),
            Self::Vector(inner) => format!("Vec<{}>", inner.spell()),
            Self::Array(inner, length) => {
                let length = length.map_or("_".to_owned(), |length| length.to_string());
                format!("[{}; {length}]", inner.spell())
            }
            Self::Tuple(items) => {
                let items: String = items.iter().map(|item| item.spell() + ", ").collect();
                format!("({})", items.trim_end())
            }
            Self::Map(name, key, value) => {
                format!(
                    "std::collections::{name}<{}, {}>",
                    key.spell(),
                    value.spell()
                )
            }
        }
    }
}

fn is_str(form: &Type) -> bool {
    matches!(form, Type::Path(path) if path.path.is_ident("str"))
}

fn length(length: &Expr) -> Option<usize> {
    match length {
        Expr::Lit(ExprLit {
            lit: Lit::Int(number),
            ..
        }) => number.base10_parse().ok(),
        _ => None,
    }
}

fn path(expression: &Expr) -> String {
    match expression {
        Expr::Path(path) => path.to_token_stream().to_string().replace(' ', ""),
        _ => String::new(),
    }
}
