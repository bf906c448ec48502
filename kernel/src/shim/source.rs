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
const PANIC: (&str, &str) = (
    "println!(\"EVCXR_PANIC_NOTIFICATION\");",
    "::genolens_cell::line!(\"EVCXR_PANIC_NOTIFICATION\");",
);

/// How evcxr begins the module that keeps variables, and how it ends it.
const STORE: (&str, &str) = ("mod evcxr_internal_runtime {\n", "\n}\n}\n");

/// How evcxr begins the type of a `?`'s error, and how it ends it.
const QUESTION_MARK: (&str, &str) = (
    "struct EvcxrUserCodeError {}\n",
    "\n                }\n            }\n",
);

/// The formats of errors that `:efmt` knows, and where the image has their type.
const FORMATS: [(&str, &str); 3] = [
    ("{}", "displayed"),
    ("{:?}", "debugged"),
    ("{:#?}", "debugged_at_length"),
];

/// The function of every cell; evcxr numbers them, but each has an object of its own.
pub(crate) const FUNCTION: &str = "run_user_code";

/// Takes the module that keeps variables and the type of a `?`'s error from the image, where they have been compiled already.
fn with_runtime_of_image(text: &str) -> String {
    let text = between(text, STORE, |_| {
        Some("use ::genolens_cell::store as evcxr_internal_runtime;".to_owned())
    });
    between(&text, QUESTION_MARK, |generated| {
        let written = |format: &str| format!("eprintln!(\"{format}\", error);");
        let (_, module) = FORMATS
            .iter()
            .find(|(format, _)| generated.contains(&written(format)))?;
        Some(format!(
            "use ::genolens_cell::{module}::EvcxrUserCodeError;"
        ))
    })
}

/// The text with another one in the place of what stands between these two, and as many lines.
fn between(
    text: &str,
    (begin, end): (&str, &str),
    replace: impl FnOnce(&str) -> Option<String>,
) -> String {
    let range = text.find(begin).and_then(|start| {
        let length = text[start..].find(end)? + end.len();
        Some(start..start + length)
    });
    let Some((range, other)) =
        range.and_then(|range| Some((range.clone(), replace(&text[range])?)))
    else {
        return text.to_owned();
    };
    let lines = "\n".repeat(text[range.clone()].matches('\n').count());
    format!(
        "{}{other}{lines}{}",
        &text[..range.start],
        &text[range.end..]
    )
}

impl Source {
    /// Prepares what evcxr wrote.
    pub(super) fn prepare(written: &str, names: &Names) -> Self {
        let mut text = with_runtime_of_image(&written.replace(PANIC.0, PANIC.1));
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
            let kind = &kept.kind;
            // Without a warning for each, which would be written, sent and read.
            aliases.push_str(&format!(
                "#[allow(non_camel_case_types)] type {placeholder} = {kind};\n"
            ));
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
