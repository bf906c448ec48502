//! Spells the types and signatures in rustdoc's JSON as Rust.

use serde_json::Value;

/// A type.
pub(super) fn kind(value: &Value) -> String {
    let Some((form, inner)) = value.as_object().and_then(|map| map.iter().next()) else {
        return "_".to_owned();
    };
    match form.as_str() {
        "resolved_path" => path(inner),
        "generic" | "primitive" => text(inner).to_owned(),
        "borrowed_ref" => format!(
            "&{}{}{}",
            inner["lifetime"]
                .as_str()
                .map(|name| format!("{name} "))
                .unwrap_or_default(),
            if inner["is_mutable"] == true {
                "mut "
            } else {
                ""
            },
            kind(&inner["type"])
        ),
        "slice" => format!("[{}]", kind(inner)),
        "array" => format!("[{}; {}]", kind(&inner["type"]), text(&inner["len"])),
        "tuple" => match list(inner, kind).as_slice() {
            [single] => format!("({single},)"),
            many => format!("({})", many.join(", ")),
        },
        "raw_pointer" => format!(
            "*{} {}",
            if inner["is_mutable"] == true {
                "mut"
            } else {
                "const"
            },
            kind(&inner["type"])
        ),
        "impl_trait" => format!("impl {}", bounds(inner)),
        "dyn_trait" => {
            let mut traits = list(&inner["traits"], |one| path(&one["trait"]));
            traits.extend(inner["lifetime"].as_str().map(str::to_owned));
            format!("dyn {}", traits.join(" + "))
        }
        "function_pointer" => {
            let inputs = list(&inner["sig"]["inputs"], |input| kind(&input[1]));
            format!(
                "fn({}){}",
                inputs.join(", "),
                output(&inner["sig"]["output"])
            )
        }
        "qualified_path" => {
            let owner = kind(&inner["self_type"]);
            let name = text(&inner["name"]);
            let of = path(&inner["trait"]);
            if of.is_empty() || inner["self_type"]["generic"].is_string() {
                format!("{owner}::{name}")
            } else {
                format!("<{owner} as {of}>::{name}")
            }
        }
        _ => "_".to_owned(),
    }
}

/// A path with its arguments.
fn path(value: &Value) -> String {
    // Where the library itself stands means nothing to who reads this.
    let mut name = text(&value["path"]);
    for start in ["$crate::", "crate::", "self::", "super::"] {
        name = name.trim_start_matches(start);
    }
    format!("{name}{}", arguments(&value["args"]))
}

fn arguments(value: &Value) -> String {
    if let Some(inner) = value.get("angle_bracketed") {
        let mut all = list(&inner["args"], |argument| {
            argument.get("lifetime").map_or_else(
                || {
                    argument
                        .get("type")
                        .map_or_else(|| text(&argument["const"]["expr"]).to_owned(), kind)
                },
                |name| text(name).to_owned(),
            )
        });
        all.extend(list(&inner["constraints"], |constraint| {
            let name = text(&constraint["name"]);
            let binding = &constraint["binding"];
            match (&binding["equality"]["type"], &binding["constraint"]) {
                (Value::Null, Value::Null) => name.to_owned(),
                (Value::Null, wanted) => format!("{name}: {}", bounds(wanted)),
                (exact, _) => format!("{name} = {}", kind(exact)),
            }
        }));
        return if all.is_empty() {
            String::new()
        } else {
            format!("<{}>", all.join(", "))
        };
    }
    if let Some(inner) = value.get("parenthesized") {
        let inputs = list(&inner["inputs"], kind).join(", ");
        return format!("({inputs}){}", output(&inner["output"]));
    }
    String::new()
}

fn bounds(value: &Value) -> String {
    let each = |bound: &Value| match bound.get("trait_bound") {
        Some(inner) => {
            let doubt = if inner["modifier"] == "maybe" {
                "?"
            } else {
                ""
            };
            format!("{doubt}{}", path(&inner["trait"]))
        }
        None => text(&bound["outlives"]).to_owned(),
    };
    let all: Vec<String> = list(value, each)
        .into_iter()
        .filter(|bound| !bound.is_empty())
        .collect();
    all.join(" + ")
}

fn output(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        kind_value => format!(" -> {}", kind(kind_value)),
    }
}

/// A function's signature.
pub(super) fn function(name: &str, inner: &Value) -> String {
    let inputs = list(&inner["sig"]["inputs"], |input| {
        let (name, value) = (text(&input[0]), &input[1]);
        if name != "self" {
            return format!("{name}: {}", kind(value));
        }
        match kind(value).as_str() {
            "Self" => "self".to_owned(),
            "&Self" => "&self".to_owned(),
            "&mut Self" => "&mut self".to_owned(),
            other => format!("self: {other}"),
        }
    });
    let header = &inner["header"];
    format!(
        "{}{}fn {name}{}({}){}{}",
        if header["is_async"] == true {
            "async "
        } else {
            ""
        },
        if header["is_unsafe"] == true {
            "unsafe "
        } else {
            ""
        },
        parameters(&inner["generics"]),
        inputs.join(", "),
        output(&inner["sig"]["output"]),
        conditions(&inner["generics"])
    )
}

/// The declared parameters, such as `<T: Clone, const N: usize>`.
pub(super) fn parameters(generics: &Value) -> String {
    let each = |parameter: &Value| {
        let name = text(&parameter["name"]);
        let inner = &parameter["kind"];
        if inner["type"]["is_synthetic"] == true || inner.get("lifetime").is_some() {
            return String::new();
        }
        if let Some(constant) = inner.get("const") {
            return format!("const {name}: {}", kind(&constant["type"]));
        }
        match bounds(&inner["type"]["bounds"]).as_str() {
            "" => name.to_owned(),
            wanted => format!("{name}: {wanted}"),
        }
    };
    let all: Vec<String> = list(&generics["params"], each)
        .into_iter()
        .filter(|parameter| !parameter.is_empty())
        .collect();
    if all.is_empty() {
        String::new()
    } else {
        format!("<{}>", all.join(", "))
    }
}

/// The names of the type parameters.
pub(super) fn parameter_names(generics: &Value) -> Vec<String> {
    list(&generics["params"], |parameter| {
        match parameter["kind"].get("lifetime") {
            Some(_) => String::new(),
            None => text(&parameter["name"]).to_owned(),
        }
    })
    .into_iter()
    .filter(|name| !name.is_empty())
    .collect()
}

fn conditions(generics: &Value) -> String {
    let all: Vec<String> = list(&generics["where_predicates"], |predicate| {
        let inner = &predicate["bound_predicate"];
        match bounds(&inner["bounds"]).as_str() {
            "" => String::new(),
            wanted => format!("{}: {wanted}", kind(&inner["type"])),
        }
    })
    .into_iter()
    .filter(|condition| !condition.is_empty())
    .collect();
    if all.is_empty() {
        String::new()
    } else {
        format!(" where {}", all.join(", "))
    }
}

fn list<T>(value: &Value, each: impl Fn(&Value) -> T) -> Vec<T> {
    value.as_array().into_iter().flatten().map(each).collect()
}

pub(super) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
