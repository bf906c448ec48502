//! Turns the source that evcxr wrote into the source that is compiled.

use super::definitions::Definitions;
use super::names::{Kept, Names, placeholders};
use super::variables::leave_unmentioned;
use crate::place;

/// The source of one cell, ready for the compiler.
#[derive(Debug)]
pub(super) struct Source {
    /// What is compiled.
    pub(super) text: String,
    /// Placeholders of variables that this cell defines and keeps, with the variable's name.
    pub(super) new: Vec<(String, String)>,
    definitions: Definitions,
}

/// A type that no variable has: whoever is checked against it is lost, which evcxr then says.
const LOST: &str = "__GlLost";

/// What evcxr generates, and what it becomes. Generated lines hold nothing of the user's, so their columns may move.
const MESSAGES: [(&str, &str); 4] = [
    (
        "println!(\"EVCXR_PANIC_NOTIFICATION\");",
        "::genolens_cell::line!(\"EVCXR_PANIC_NOTIFICATION\");",
    ),
    (
        "println!(\"{}\", evcxr_internal_runtime::USER_ERROR_OCCURRED);",
        "::genolens_cell::line!(\"{}\", evcxr_internal_runtime::USER_ERROR_OCCURRED);",
    ),
    (
        "println!(\"{VARIABLE_CHANGED_TYPE}{name}\");",
        "::genolens_cell::line!(\"{VARIABLE_CHANGED_TYPE}{name}\");",
    ),
    // The caller is the `?`.
    (
        "for EvcxrUserCodeError {\n                fn from",
        "for EvcxrUserCodeError {\n                #[track_caller] fn from",
    ),
];

/// The function of every cell; evcxr numbers them, but each has an object of its own.
pub(crate) const FUNCTION: &str = "run_user_code";

/// Sends the error of a `?` to the kernel, for each of the formats that `:efmt` knows.
fn with_errors_sent(mut text: String) -> String {
    for format in ["{}", "{:?}", "{:#?}"] {
        let after = "\n                    ::genolens_cell::line!(";
        let generated = format!("eprintln!(\"{format}\", error);{after}");
        let ours = format!(
            "::genolens_cell::failed(::std::format!(\"{format}\", error), ::std::panic::Location::caller());{after}"
        );
        text = text.replace(&generated, &ours);
    }
    text
}

impl Source {
    /// Prepares what evcxr wrote.
    pub(super) fn prepare(written: &str, names: &Names) -> Self {
        let mut text = written.to_owned();
        for (generated, ours) in MESSAGES {
            text = text.replace(generated, ours);
        }
        text = with_errors_sent(text);
        if !place::is_foreign() {
            text = without_number(&text);
        }
        let mut new = Vec::new();
        for placeholder in placeholders(written) {
            if names.kept(&placeholder).is_some() {
                continue;
            }
            if let Some(variable) = kept_variable(written, &placeholder) {
                new.push((placeholder.clone(), variable));
            }
            // As wide as the placeholder, so that columns stay.
            let inferred = format!("{:width$}", "_", width = placeholder.len());
            text = text.replace(&placeholder, &inferred);
        }
        let defined: Vec<&str> = new.iter().map(|(_, name)| name.as_str()).collect();
        text = leave_unmentioned(&text, &defined);
        let definitions = Definitions::read(written);
        let mut aliases = format!("struct {LOST};\n");
        for placeholder in placeholders(&text) {
            let Some(kept) = names.kept(&placeholder) else {
                continue;
            };
            if kept.behind != definitions.behind(&kept.kind) {
                let check = format!("check_variable::<{placeholder}>");
                text = text.replace(&check, &format!("check_variable::<{LOST}>"));
            }
            aliases.push_str(&format!("type {placeholder} = {};\n", kept.kind));
        }
        if !text.ends_with('\n') {
            text.push('\n');
        }
        text.push_str(&aliases);
        Self {
            text,
            new,
            definitions,
        }
    }

    /// The new variables' types as they are kept, given how the compiler writes them.
    pub(super) fn kept(&self, kinds: Vec<String>) -> Vec<(String, Kept)> {
        let kept = |kind: String| Kept {
            behind: self.definitions.behind(&kind),
            kind,
        };
        let placeholders = self.new.iter().map(|(placeholder, _)| placeholder.clone());
        placeholders.zip(kinds.into_iter().map(kept)).collect()
    }
}

/// Gives the cell's function its name without evcxr's number.
fn without_number(text: &str) -> String {
    const HEAD: &str = "pub extern \"C\" fn run_user_code_";
    let Some(at) = text.find(HEAD) else {
        return text.to_owned();
    };
    let number = &text[at + HEAD.len()..];
    let rest = number.trim_start_matches(|digit: char| digit.is_ascii_digit());
    format!("{}pub extern \"C\" fn {FUNCTION}{rest}", &text[..at])
}

/// The variable that is put into the store under this type, if one is: a moved variable is not.
fn kept_variable(written: &str, placeholder: &str) -> Option<String> {
    let start = format!("put_variable::<{placeholder}>(stringify!(");
    let rest = &written[written.find(&start)? + start.len()..];
    Some(rest[..rest.find(')')?].to_owned())
}
