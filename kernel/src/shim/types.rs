//! Asks the compiler for the types of new variables.
//!
//! A function whose return type is `_` is an error to which rustc attaches the full type it has inferred. The cell is turned into
//! such a function, which returns its new variables, and is type-checked while the real compilation runs beside it.

use super::compile::Compiler;
use super::source::{FUNCTION, Source};
use anyhow::{Context, Result, bail};
use serde_json::Value;

/// Names the types of the new variables of a cell, in their order.
pub(super) fn name(compiler: &Compiler, source: &Source) -> Result<Vec<String>> {
    let new: Vec<&str> = source.new.iter().map(|(_, name)| name.as_str()).collect();
    let named = answer(compiler, source, (&new, "_"))?;
    let Answer::Named(named) = named else {
        // The compiler does not say which it is.
        let mut nameless = Vec::new();
        if matches!(named, Answer::Nameless) && new.len() > 1 {
            for one in &new {
                if !matches!(answer(compiler, source, (&[one], "_"))?, Answer::Named(_)) {
                    nameless.push(*one);
                }
            }
        }
        bail!(
            "the type of {} cannot be named, so it cannot be kept for later cells: a closure can be boxed \
             (`let f: Box<dyn Fn(f64) -> f64> = Box::new(|x| 2.0 * x);`), an iterator collected, and what only this cell \
             needs put in braces `{{ … }}`",
            list(if nameless.is_empty() { &new } else { &nameless })
        );
    };
    let kinds = split(&named, source)?;
    for ((_, variable), kind) in source.new.iter().zip(&kinds) {
        if kind.contains("fn(") && !is_exact(compiler, source, (variable, kind))? {
            let way_out = if kind.starts_with("fn(") || kind.starts_with("for<") {
                format!("keep a pointer to it, `let {variable}: {kind} = …`")
            } else {
                "collect the values, or give the function as a pointer, such as `f as fn(f64) -> f64`".to_owned()
            };
            bail!(
                "the variable `{variable}` holds a function itself, whose type has no name, so it cannot be kept for later cells: \
                 {way_out}"
            );
        }
    }
    Ok(kinds)
}

/// What the compiler says when it is asked for types.
enum Answer {
    Named(String),
    /// It cannot write one of them.
    Nameless,
    /// The cell has other errors.
    Wrong,
}

/// Asks for the types of these variables; `kind` is `_`, or what they are compared with.
fn answer(compiler: &Compiler, source: &Source, (names, kind): (&[&str], &str)) -> Result<Answer> {
    let question =
        ask(source, names, kind).context("the cell does not have the form that evcxr gives it")?;
    let output = compiler.check_types(&question)?;
    let output = String::from_utf8_lossy(&output);
    let messages = output
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let (named, others): (Vec<Value>, Vec<Value>) = messages
        .filter(|message| message["code"]["code"].is_string() && message["level"] == "error")
        .partition(|message| message["code"]["code"] == "E0121");
    let suggested = named.iter().find_map(|message| {
        message["children"].as_array()?.iter().find_map(|child| {
            let text = child["spans"][0]["suggested_replacement"].as_str();
            text.map(str::to_owned)
        })
    });
    Ok(match suggested {
        Some(text) => Answer::Named(text),
        None if others.is_empty() => Answer::Nameless,
        None => Answer::Wrong,
    })
}

/// Tells whether a variable has just this type: the compiler writes a function itself as a pointer to one.
fn is_exact(compiler: &Compiler, source: &Source, (name, kind): (&str, &str)) -> Result<bool> {
    let wanted = format!("(::std::option::Option<{kind}>,)");
    let answer = answer(compiler, source, (&[name], &wanted))?;
    Ok(!matches!(answer, Answer::Wrong))
}

/// The cell as a function that returns `(Some(variable), …)`; as `kind` stands `_` where the compiler is asked for that.
fn ask(source: &Source, variables: &[&str], kind: &str) -> Option<String> {
    let text = &source.text;
    let head = text.find(&format!("pub extern \"C\" fn {FUNCTION}"))?;
    let arrow = head + text[head..].find("->")?;
    let open = arrow + text[arrow..].find('{')?;
    let tail = text.rfind("evcxr_variable_store\n}")?;
    let mut declared = String::new();
    let mut returned = String::new();
    let mut body = text[open + 1..tail].replace("{return evcxr_variable_store;}", "{}");
    for (index, variable) in variables.iter().enumerate() {
        declared.push_str(&format!(
            "let mut __gl_{index} = ::std::option::Option::None; "
        ));
        returned.push_str(&format!("__gl_{index}, "));
        body = keep_instead(&body, variable, index)?;
    }
    // The store's own functions would be reported first if the attribute asked for an exported symbol of this type.
    let before = text[..head].replace("#[unsafe(no_mangle)]", "");
    let after = &text[tail + "evcxr_variable_store\n}".len()..];
    let parameters = &text[head..arrow].replace("pub extern \"C\" fn", "fn");
    Some(format!(
        "{before}{parameters}-> {kind} {{ {declared}{body}\n({returned})\n}}{after}"
    ))
}

/// Replaces `evcxr_variable_store.put_variable::<_>(stringify!(x), x);` by an assignment that the compiler must give a type.
fn keep_instead(body: &str, variable: &str, index: usize) -> Option<String> {
    let end = format!("(stringify!({variable}), {variable});");
    let mut search = 0;
    loop {
        let close = search + body[search..].find(&end)?;
        let start = body[..close].rfind("evcxr_variable_store.put_variable::<")?;
        let kind = &body[start + "evcxr_variable_store.put_variable::<".len()..close];
        if kind.trim_end_matches('>').trim() == "_" {
            return Some(format!(
                "{}__gl_{index} = ::std::option::Option::Some({variable});{}",
                &body[..start],
                &body[close + end.len()..]
            ));
        }
        search = close + end.len();
    }
}

/// Takes `(Option<A>, Option<B>,)` apart and checks that every type can be written down again.
fn split(answer: &str, source: &Source) -> Result<Vec<String>> {
    let parsed = syn::parse_str::<syn::Type>(answer);
    let Ok(syn::Type::Tuple(tuple)) = parsed else {
        bail!(
            "the compiler named the types of the new variables in a way that is not understood: {answer}"
        );
    };
    tuple
        .elems
        .iter()
        .zip(&source.new)
        .map(|(element, (_, variable))| {
            let kind = argument(element).with_context(|| {
                format!(
                    "the compiler named the type of `{variable}` in a way that is not understood"
                )
            })?;
            if let Some(problem) = unnameable(kind) {
                bail!("the variable `{variable}` {problem}");
            }
            Ok(spell(kind))
        })
        .collect()
}

fn argument(option: &syn::Type) -> Option<&syn::Type> {
    let syn::Type::Path(path) = option else {
        return None;
    };
    let syn::PathArguments::AngleBracketed(arguments) = &path.path.segments.last()?.arguments
    else {
        return None;
    };
    match arguments.args.first()? {
        syn::GenericArgument::Type(kind) => Some(kind),
        _ => None,
    }
}

fn unnameable(kind: &syn::Type) -> Option<&'static str> {
    let text = spell(kind);
    if text.contains("impl ") {
        return Some(
            "has a type without a name (a closure, an iterator or a future), which cannot be kept for later cells: box it \
             (`let f: Box<dyn Fn(f64) -> f64> = Box::new(…);`), collect it, or put the cell in braces `{ … }`",
        );
    }
    if text
        .split(|c: char| !c.is_alphanumeric() && c != '_')
        .any(|word| word == "_")
    {
        return Some("has a type that the compiler cannot infer here: give it an explicit type");
    }
    None
}

fn spell(kind: &syn::Type) -> String {
    struct Statics;
    impl syn::visit_mut::VisitMut for Statics {
        fn visit_type_reference_mut(&mut self, reference: &mut syn::TypeReference) {
            // What is kept lives as long as the session.
            reference.lifetime.get_or_insert_with(|| {
                syn::Lifetime::new("'static", proc_macro2::Span::call_site())
            });
            syn::visit_mut::visit_type_reference_mut(self, reference);
        }
        fn visit_lifetime_mut(&mut self, lifetime: &mut syn::Lifetime) {
            if lifetime.ident == "_" {
                lifetime.ident = syn::Ident::new("static", proc_macro2::Span::call_site());
            }
        }
    }
    let mut kind = kind.clone();
    syn::visit_mut::VisitMut::visit_type_mut(&mut Statics, &mut kind);
    let mut text = quote::ToTokens::to_token_stream(&kind).to_string();
    // As a person would write it, since a person reads it in a list of variables.
    for (loose, tight) in [
        (" :: ", "::"),
        (" < ", "<"),
        (" >", ">"),
        ("& '", "&'"),
        ("fn (", "fn("),
        (" ,", ","),
        (" ;", ";"),
    ] {
        text = text.replace(loose, tight);
    }
    text
}

fn list(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    quoted.join(", ")
}
