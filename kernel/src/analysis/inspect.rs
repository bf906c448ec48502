//! What stands at the cursor, described.

use super::index::{Item, Member};
use super::kinds::{head, parse};
use super::members::{of_type, of_value};
use super::moment::Moment;
use super::names::Names;
use super::spot::{Spot, find};
use super::tokens::{Kind, tokens};
use super::words::is_word;
use crate::evaluator::Bundle;
use crate::html;

/// Something with a name.
#[derive(Debug, Default, PartialEq, Eq)]
struct Description {
    /// Rust, one line or more.
    signature: String,
    /// Where it comes from.
    from: String,
    docs: String,
}

/// Describes the word at an offset, or the function whose arguments stand there.
pub(super) fn inspect(moment: &Moment<'_>, at: usize, whole: bool) -> Option<Bundle> {
    let found = describe(moment, at).or_else(|| describe(moment, called(moment.code, at)?))?;
    Some(bundle(&found, whole))
}

fn describe(moment: &Moment<'_>, at: usize) -> Option<Description> {
    let found = find(moment.code, at);
    let word = &moment.code[found.start..found.end];
    if word.is_empty() {
        return None;
    }
    let names = &moment.names;
    let is_macro =
        moment.code[found.end..].starts_with('!') && !moment.code[found.end..].starts_with("!=");
    match find(moment.code, found.end).spot {
        Spot::Member(dot) => {
            let receiver = (moment.ask)(&moment.code[..dot])?;
            let offers = of_value(&receiver, names);
            let offer = offers.into_iter().find(|offer| offer.member.name == word)?;
            Some(of_member(&offer.member, &offer.from))
        }
        Spot::Path(path) | Spot::Use(path) => {
            let whole = match path.as_str() {
                "" => word.to_owned(),
                path => format!("{path}::{word}"),
            };
            // A path that goes on leads through modules and types; one that ends here may end in a function.
            if let Some(item) = item(&whole, is_macro, names) {
                return Some(of_item(item));
            }
            let owner = names.resolve(&path)?;
            let offers = of_type(owner, names);
            let offer = offers.into_iter().find(|offer| offer.member.name == word)?;
            Some(of_member(&offer.member, &offer.from))
        }
        Spot::Bare(of) => {
            if is_macro {
                return item(word, true, names).map(of_item);
            }
            let owner = of.and_then(|path| names.resolve(&path));
            let field = owner.and_then(|item| {
                let field = |member: &&Member| member.kind == "field" && member.name == word;
                item.members
                    .iter()
                    .find(field)
                    .map(|member| of_member(member, &item.path))
            });
            if field.is_some() && moment.code[found.end..].trim_start().starts_with(':') {
                return field;
            }
            let bound_here = moment.locals(found.end).iter().any(|name| name == word);
            if bound_here {
                let kind = (moment.ask)(&moment.code[..found.end]).map(|receiver| receiver.kind);
                let kind = kind.or_else(|| after_statement(moment, found.end, word));
                return kind.map(|kind| of_variable(word, &kind, moment));
            }
            if let Some(kind) = moment.variable(word) {
                return Some(of_variable(word, kind, moment));
            }
            item(word, false, names).map(of_item)
        }
        Spot::Command | Spot::Nothing => None,
    }
}

/// What a path names: without its `!` a macro too, where nothing else is called so.
fn item<'a>(path: &str, is_macro: bool, names: &'a Names<'_>) -> Option<&'a Item> {
    let other = || names.resolve(&format!("{path}!"));
    if is_macro {
        return other();
    }
    names.resolve(path).or_else(other)
}

/// The type of a name where it is bound: the compiler is asked behind the statement that binds it.
fn after_statement(moment: &Moment<'_>, at: usize, word: &str) -> Option<String> {
    let mut depth = 0_usize;
    let all = tokens(moment.code);
    let rest = all
        .iter()
        .filter(|token| token.start >= at && token.kind == Kind::Sign);
    for token in rest {
        match token.text {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => depth = depth.checked_sub(1)?,
            ";" if depth == 0 => {
                let until = &moment.code[..token.end()];
                return (moment.ask)(&format!("{until} {word}")).map(|receiver| receiver.kind);
            }
            _ => {}
        }
    }
    None
}

/// The end of the name of the function whose arguments stand at an offset.
fn called(code: &str, at: usize) -> Option<usize> {
    let mut open = Vec::new();
    for token in tokens(&code[..at]) {
        match token.text {
            _ if token.kind != Kind::Sign => {}
            "(" | "[" | "{" => open.push((token.text, token.start)),
            ")" | "]" | "}" => {
                open.pop();
            }
            _ => {}
        }
    }
    let (_, start) = open
        .into_iter()
        .rev()
        .find(|(bracket, _)| *bracket == "(")?;
    let before = code[..start].trim_end().trim_end_matches('!');
    before.ends_with(is_word).then_some(before.len())
}

fn of_member(member: &Member, from: &str) -> Description {
    Description {
        signature: member.signature.clone(),
        from: from.to_owned(),
        docs: member.docs.clone(),
    }
}

fn of_item(item: &Item) -> Description {
    let fields: String = item
        .members
        .iter()
        .filter(|member| ["field", "variant"].contains(&member.kind.as_str()))
        .map(|member| format!("    {},\n", member.signature))
        .collect();
    Description {
        signature: match fields.as_str() {
            "" => item.signature.clone(),
            _ if item.signature.ends_with(')') => item.signature.clone(),
            fields => format!("{} {{\n{fields}}}", item.signature),
        },
        from: match item.path.rsplit_once("::") {
            Some((module, _)) => module.to_owned(),
            None => String::new(),
        },
        docs: item.docs.clone(),
    }
}

fn of_variable(name: &str, kind: &str, moment: &Moment<'_>) -> Description {
    let parsed = parse(kind);
    let mut inner = parsed.as_ref();
    while let Some(syn::Type::Reference(reference)) = inner {
        inner = Some(&reference.elem);
    }
    let behind = inner.and_then(|kind| head(kind, &moment.names));
    let (from, docs) = behind.map_or_else(Default::default, |(item, _)| {
        let what = match item.docs.as_str() {
            "" => String::new(),
            docs => format!("`{}`: {docs}", item.name()),
        };
        (String::new(), what)
    });
    Description {
        signature: format!("{name}: {kind}"),
        from,
        docs,
    }
}

fn bundle(found: &Description, whole: bool) -> Bundle {
    let docs = readable(&found.docs);
    let docs = if whole {
        docs
    } else {
        docs.split("\n\n").next().unwrap_or_default().to_owned()
    };
    let from = match found.from.as_str() {
        "" => String::new(),
        from => format!("{from}\n"),
    };
    let mut plain = format!("{from}{}", found.signature);
    let mut markdown = match found.from.as_str() {
        "" => String::new(),
        from => format!("`{from}`\n\n"),
    };
    markdown.push_str(&format!("```rust\n{}\n```", found.signature));
    if !docs.is_empty() {
        plain.push_str(&format!("\n\n{docs}"));
        markdown.push_str(&format!("\n\n{docs}"));
    }
    let page = html::markdown(&markdown, &serde_json::Value::Null);
    Bundle::text(plain)
        .with("text/markdown", markdown)
        .with("text/html", page)
}

/// Documentation without what only its tests need, and with its code marked as Rust.
fn readable(docs: &str) -> String {
    let mut text = String::new();
    let mut in_code = false;
    for line in docs.lines() {
        let bare = line.trim_start();
        if let Some(language) = bare.strip_prefix("```") {
            let rust = [
                "",
                "no_run",
                "ignore",
                "should_panic",
                "compile_fail",
                "text",
            ];
            let opens_rust = !in_code
                && language != "text"
                && rust.contains(&language.split(',').next().unwrap_or_default());
            text.push_str(if opens_rust { "```rust\n" } else { line });
            if !opens_rust {
                text.push('\n');
            }
            in_code = !in_code;
            continue;
        }
        if in_code && (bare == "#" || bare.starts_with("# ")) {
            continue;
        }
        text.push_str(line);
        text.push('\n');
    }
    text.trim_end().to_owned()
}
