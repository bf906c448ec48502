//! Leaves alone the variables that a cell does not mention.
//!
//! evcxr takes every variable of the session out of its store for every cell and puts it back behind it. The price grows with the
//! notebook, and a cell could not be recognised when it comes again. What a cell does not mention stays in the store.

/// How evcxr begins the user's code, and how it ends it.
const BODY: (&str, &str) = (
    "std::panic::AssertUnwindSafe(||{\n",
    "\n})) { \n  Ok(_) => {}",
);

/// Generated lines about one variable, and what stands around its name.
const CHECK: &str = "vars_ok &= evcxr_variable_store.check_variable::<";
const TAKE: &str = "= evcxr_variable_store.take_variable::<";
const PUT: &str = "evcxr_variable_store.put_variable::<";

/// Empties the generated lines of variables that the user's code does not use; `new` are those that it defines.
pub(super) fn leave_unmentioned(text: &str, new: &[&str]) -> String {
    let Some((before, body, after)) = parts(text) else {
        return text.to_owned();
    };
    let theirs = written_by_user(body);
    let is_used = |name: &str| {
        let count = mentions(&theirs, name);
        // A variable that is only defined again need not be fetched.
        count > usize::from(new.contains(&name))
    };
    let keep = |line: &&str| variable(line).is_none_or(&is_used);
    let lines = |part: &str| -> String {
        part.split_inclusive('\n')
            .map(|line| if keep(&line) { line } else { "\n" })
            .collect()
    };
    format!("{}{body}{}", lines(before), lines(after))
}

/// The text before, within and behind the user's code.
pub(super) fn parts(text: &str) -> Option<(&str, &str, &str)> {
    let start = text.find(BODY.0)? + BODY.0.len();
    let end = text.rfind(BODY.1)?;
    (start <= end).then(|| (&text[..start], &text[start..end], &text[end..]))
}

/// The variable that a generated line is about.
pub(super) fn variable(line: &str) -> Option<&str> {
    let generated = line.starts_with(CHECK)
        || line.starts_with(PUT)
        || (line.starts_with("let ") && line.contains(TAKE));
    let rest = line.split_once("(stringify!(").filter(|_| generated)?.1;
    rest.split_once(')').map(|(name, _)| name)
}

/// The code without the lines and statements that the front end and evcxr have put in.
fn written_by_user(body: &str) -> String {
    let mut text: String = body
        .split_inclusive('\n')
        .filter(|line| variable(line).is_none())
        .collect();
    // ` let x: _            = x;`, behind a declaration.
    while let Some((start, end)) = second_declaration(&text) {
        text.replace_range(start..end, "");
    }
    text
}

fn second_declaration(text: &str) -> Option<(usize, usize)> {
    const TYPE: &str = ": _            = ";
    text.match_indices(TYPE).find_map(|(at, _)| {
        let start = text[..at].rfind(" let ")?;
        let name = text[start + " let ".len()..at].trim_start_matches("mut ");
        let rest = text[at + TYPE.len()..].strip_prefix(name)?;
        let end = text.len() - rest.strip_prefix(';')?.len();
        (!name.contains(char::is_whitespace)).then_some((start, end))
    })
}

/// How often a name stands in a text as a word, in strings too: a format string may name a variable.
fn mentions(text: &str, name: &str) -> usize {
    let name = name.trim_start_matches("r#");
    let is_part = |letter: char| letter.is_alphanumeric() || letter == '_';
    let stands_alone =
        |at: usize| !text[..at].ends_with(is_part) && !text[at + name.len()..].starts_with(is_part);
    text.match_indices(name)
        .filter(|(at, _)| stands_alone(*at))
        .count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(body: &str) -> String {
        let names = ["a", "b"];
        let lines = |line: &dyn Fn(&str) -> String| -> String {
            names.iter().map(|name| line(name) + "\n").collect()
        };
        let check = lines(&|name| format!("{CHECK}__GlT_000001>(stringify!({name}));"));
        let take =
            lines(&|name| format!("let mut {name} {TAKE}__GlT_000001>(stringify!({name}));"));
        let put = lines(&|name| format!("{PUT}__GlT_000001>(stringify!({name}), {name});"));
        format!(
            "{check}{take}match\n  {}{body}{}\n}}}}\n{put}",
            BODY.0, BODY.1
        )
    }

    fn left(body: &str, new: &[&str]) -> Vec<String> {
        let text = cell(body);
        let prepared = leave_unmentioned(&text, new);
        assert_eq!(text.lines().count(), prepared.lines().count());
        let taken = prepared.lines().filter(|line| line.contains(TAKE));
        taken.filter_map(variable).map(str::to_owned).collect()
    }

    #[test]
    fn only_what_is_mentioned_is_fetched() {
        assert_eq!(left("f(a);", &[]), ["a"]);
        assert_eq!(left("println!(\"{b}\");", &[]), ["b"]);
        assert!(left("ab(a_b);", &[]).is_empty());
    }

    #[test]
    fn a_variable_that_is_only_defined_again_is_not_fetched() {
        let put = format!("{PUT}_           >(stringify!(b), b);");
        assert_eq!(
            left(&format!("let b: _            = a;\n{put}"), &["b"]),
            ["a"]
        );
        assert_eq!(
            left(
                &format!("let b: u8 = 1; let b: _            = b;\n{put}"),
                &["b"]
            ),
            [""; 0]
        );
        assert_eq!(
            left(&format!("let b: _            = b + 1;\n{put}"), &["b"]),
            ["b"]
        );
    }
}
