//! The commands of evcxr that a session refuses, or does not need.
//!
//! evcxr's lines that begin with `:` or `!` are no Rust. Some would end the kernel or pull the ground from under the image, and a
//! shell is not made from the text of a notebook.

use super::failure;
use crate::evaluator::Outcome;

/// Why a command is refused, and what to do instead.
const REFUSED: [(&[&str], &str); 10] = [
    (&[":quit"], "shut the kernel down from the front end"),
    (
        &[":toolchain", ":codegen_backend", ":time_passes"],
        "the library was compiled with the toolchain that the session began with: choose another with `rustup default` and restart the kernel",
    ),
    (&[":restart"], "put it into a cell of its own"),
    (
        &[":linker"],
        "the linker is the one that rustc uses by default",
    ),
    (
        &[":sccache", ":cache", ":clear_cache"],
        "the library is compiled once and cells are kept, so there is nothing else to cache",
    ),
    (
        &[":allow_static_linking"],
        "cells share one compiled library, which static linking would break",
    ),
    (
        &[":load_config"],
        "configuration files of evcxr are not read: put `:dep` lines into the notebook",
    ),
    (
        &[":preserve_vars_on_panic"],
        "variables are always kept when a cell panics",
    ),
    (
        &[":fmt", ":types"],
        "a value shows itself by `evcxr_display` or `Debug`: print it to format it otherwise",
    ),
    (
        &[":env", ":internal_debug"],
        "set variables of the cells with `unsafe { std::env::set_var(name, value) }` in a cell",
    ),
];

/// What may follow a command; evcxr takes anything, and fails in every cell after it.
const CHOICES: [(&str, &[&str]); 2] = [
    (":opt", &["0", "1", "2", "3", "s", "z"]),
    (":offline", &["0", "1"]),
];

/// The beginnings of variables of the environment that steer the tools themselves.
const OURS: [&str; 7] = [
    "PATH",
    "RUSTC",
    "RUSTFLAGS",
    "CARGO",
    "LD_",
    "GENOLENS",
    "EVCXR",
];

/// Refuses a cell with a line that this session does not obey.
pub(super) fn refuse(code: &str) -> Option<Outcome> {
    if is_restart(code) {
        return None;
    }
    commands(code).find_map(|(number, line)| {
        let (name, message) = reason(line)?;
        Some(failure::refused(&name, &message, (number, line)))
    })
}

/// Blanks the lines that add the library, as a notebook for the stock kernel has them; `None` without such a line.
///
/// The library is in every cell, and another copy of it would have types of its own.
pub(super) fn without_library(code: &str) -> Option<String> {
    let ours = commands(code).filter(|(_, line)| adds_library(line));
    let ours: Vec<usize> = ours.map(|(number, _)| number).collect();
    if ours.is_empty() {
        return None;
    }
    // The ends of the lines stay, so that lines are counted as they were written.
    let kept = code.split_inclusive('\n').enumerate().map(|(index, line)| {
        let is_ours = ours.contains(&(index + 1));
        if is_ours {
            line.trim_start_matches(|c| c != '\n')
        } else {
            line
        }
    });
    Some(kept.collect())
}

fn adds_library(line: &str) -> bool {
    let mut words = line.split(|c: char| c == '=' || c.is_whitespace());
    let mut word = || words.find(|word| !word.is_empty());
    word() == Some(":dep") && word() == Some("genolens")
}

/// Tells whether a cell asks for nothing but a fresh process.
pub(super) fn is_restart(code: &str) -> bool {
    code.trim() == ":restart"
}

fn reason(line: &str) -> Option<(String, String)> {
    if line.starts_with('!') {
        let message =
            "a notebook starts no shell: use `std::process::Command` in a cell, or a terminal";
        return Some(("!".to_owned(), message.to_owned()));
    }
    let line = line.trim();
    let (name, argument) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    if name == ":build_env" && OURS.iter().any(|ours| argument.trim().starts_with(ours)) {
        let message =
            "this variable steers the tools that compile the cells, which the session has set up";
        return Some((name.to_owned(), message.to_owned()));
    }
    if let Some((_, wanted)) = CHOICES.iter().find(|(known, _)| *known == name) {
        let given = argument.trim();
        let is_known = given.is_empty() || wanted.contains(&given);
        let message = format!("expected one of {}, got `{given}`", wanted.join(", "));
        return (!is_known).then(|| (name.to_owned(), message));
    }
    let (_, why) = REFUSED.iter().find(|(names, _)| names.contains(&name))?;
    Some((name.to_owned(), (*why).to_owned()))
}

/// The lines that evcxr takes for commands, with their numbers: those before the first line of Rust.
fn commands(code: &str) -> impl Iterator<Item = (usize, &str)> {
    let is_blank = |line: &str| line.trim().is_empty() || line.starts_with("//");
    let is_command =
        |line: &str| line.starts_with('!') || line.trim_start_matches(' ').starts_with(':');
    code.lines()
        .enumerate()
        .map(|(index, line)| (index + 1, line))
        .take_while(move |(_, line)| is_blank(line) || is_command(line))
        .filter(move |(_, line)| !is_blank(line))
}

#[cfg(test)]
mod tests {
    use super::{commands, reason, without_library};

    #[test]
    fn only_lines_before_the_first_line_of_rust_are_commands() {
        let code = "// :quit\n\n:dep x = \"1\"\n!ls\nlet y = 1;\n!true;\n:quit";
        let found: Vec<_> = commands(code).collect();
        assert_eq!(found, [(3, ":dep x = \"1\""), (4, "!ls")]);
    }

    #[test]
    fn the_library_need_not_be_added() {
        let code = "// Stock.\n:dep genolens = { path = \"/x\" }\n :dep  genolens\n:dep genolens_more\nlet x = 1;\n";
        assert_eq!(
            without_library(code).unwrap(),
            "// Stock.\n\n\n:dep genolens_more\nlet x = 1;\n"
        );
        assert_eq!(without_library(":dep genolens=\"1\"").unwrap(), "");
        assert_eq!(without_library("let x = 1;\n:dep genolens"), None);
    }

    #[test]
    fn what_helps_is_obeyed_and_what_harms_is_refused() {
        for line in [
            ":dep rand",
            ":vars",
            ":opt 2",
            ":opt",
            ":offline 1",
            ":build_env PKG_CONFIG_PATH=/x",
            ":efmt {:?}",
            ":dep genolens",
        ] {
            assert!(reason(line).is_none(), "{line}");
        }
        for line in [
            "!ls",
            ":quit",
            " :toolchain nightly",
            ":linker mold",
            ":build_env RUSTC_WRAPPER=/x",
            ":build_env LD_PRELOAD=x",
        ] {
            assert!(reason(line).is_some(), "{line}");
        }
        for (line, got) in [
            (":opt 7", "`7`"),
            (":opt fast", "`fast`"),
            (":offline 2", "`2`"),
        ] {
            let said = reason(line).unwrap_or_default().1;
            assert!(
                said.starts_with("expected one of 0, 1") && said.ends_with(got),
                "{said}"
            );
        }
    }
}
