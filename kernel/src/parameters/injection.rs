//! The cell that sets the parameters.

use super::{Declaration, Kind, Parameter, Value, declarations, literal};
use anyhow::{Context, Result, bail};

/// Writes the cell that gives the parameters their values; `declared` is the source of the cell tagged `parameters`, if there is one.
pub(crate) fn inject(parameters: &[Parameter], declared: Option<&str>) -> Result<String> {
    let declarations = declared.map(declarations).transpose()?;
    let mut source = "// Parameters".to_owned();
    for parameter in last_of_each(parameters) {
        let line = statement(parameter, declarations.as_deref())
            .with_context(|| format!("parameter {}", parameter.name))?;
        source.push('\n');
        source.push_str(&line);
    }
    Ok(source)
}

/// Of a parameter given twice, the last counts, as in papermill.
fn last_of_each(parameters: &[Parameter]) -> impl Iterator<Item = &Parameter> {
    parameters.iter().enumerate().filter_map(|(place, one)| {
        let again = parameters[place + 1..]
            .iter()
            .any(|other| other.name == one.name);
        (!again).then_some(one)
    })
}

fn statement(parameter: &Parameter, declarations: Option<&[Declaration]>) -> Result<String> {
    let name = &parameter.name;
    let Some(declarations) = declarations else {
        if syn::parse_str::<syn::Ident>(name).is_err() {
            bail!("its name is no name of a variable in Rust");
        }
        let kind = natural(&parameter.value)?;
        let value = literal(&parameter.value, &kind)?;
        return Ok(format!("let {name}: {} = {value};", kind.spell()));
    };
    let Some(declaration) = declarations.iter().find(|known| known.name == *name) else {
        let known: Vec<&str> = declarations
            .iter()
            .map(|known| known.name.as_str())
            .collect();
        bail!(
            "unknown; the cell tagged `parameters` declares {}",
            if known.is_empty() {
                "none".to_owned()
            } else {
                known.join(", ")
            }
        );
    };
    let kind = &declaration.kind;
    let value = literal(&parameter.for_kind(kind), kind)?;
    Ok(format!(
        "{} {name}: {} = {value};",
        declaration.keyword,
        declaration.spell()
    ))
}

impl Parameter {
    /// Gives the value as this type takes it: a text is what stood on the command line, whatever it looks like.
    fn for_kind(&self, kind: &Kind) -> Value {
        match (kind, &self.value, &self.raw) {
            (Kind::Optional(_), Value::Nothing, _) => Value::Nothing,
            (Kind::Optional(inner), ..) => self.for_kind(inner),
            (Kind::Text | Kind::Slice | Kind::Path | Kind::Char, value, Some(raw))
                if !matches!(value, Value::Text(_)) =>
            {
                Value::Text(raw.clone())
            }
            (_, value, _) => value.clone(),
        }
    }
}

/// Chooses the type for a value that nothing declares.
fn natural(value: &Value) -> Result<Kind> {
    Ok(match value {
        Value::Bool(_) => Kind::Bool,
        Value::Integer(value) if i64::try_from(*value).is_err() => Kind::Integer("i128".to_owned()),
        Value::Integer(_) => Kind::Integer("i64".to_owned()),
        Value::Float(_) => Kind::Float("f64".to_owned()),
        Value::Text(_) => Kind::Text,
        Value::List(items) => Kind::Vector(Box::new(common(items.iter())?)),
        Value::Table(entries) => Kind::Map(
            "BTreeMap".to_owned(),
            Box::new(Kind::Text),
            Box::new(common(entries.iter().map(|(_, value)| value))?),
        ),
        Value::Nothing => bail!(
            "null alone has no type: declare it in a cell tagged `parameters`, such as `let name: Option<f64> = None;`"
        ),
    })
}

/// Finds the type that all values of a list share; whole numbers among numbers are numbers, and a missing one makes all optional.
fn common<'a>(values: impl Iterator<Item = &'a Value> + Clone) -> Result<Kind> {
    let mut kinds: Vec<Kind> = Vec::new();
    for value in values.clone().filter(|value| **value != Value::Nothing) {
        let kind = natural(value)?;
        if !kinds.contains(&kind) {
            kinds.push(kind);
        }
    }
    let is_number = |kind: &Kind| matches!(kind, Kind::Integer(_) | Kind::Float(_));
    let kind = match kinds.as_slice() {
        [] => bail!(
            "an empty list has no type: declare it in a cell tagged `parameters`, such as `let name: Vec<f64> = vec![];`"
        ),
        [one] => one.clone(),
        several if several.iter().all(is_number) => {
            let float = several.iter().find(|kind| matches!(kind, Kind::Float(_)));
            float
                .cloned()
                .unwrap_or_else(|| Kind::Integer("i128".to_owned()))
        }
        [first, second, ..] => bail!(
            "a list holds values of one type, this one has {} and {}",
            first.spell(),
            second.spell()
        ),
    };
    let optional = values.into_iter().any(|value| *value == Value::Nothing);
    Ok(if optional {
        Kind::Optional(Box::new(kind))
    } else {
        kind
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(parameters: &[&str], declared: Option<&str>) -> Result<String, String> {
        let parameters: Vec<Parameter> = parameters
            .iter()
            .map(|text| text.parse().unwrap())
            .collect();
        inject(&parameters, declared)
            .map(|source| source.replace("// Parameters\n", ""))
            .map_err(|error| format!("{error:#}"))
    }

    const DECLARED: &str = ":dep rand\nlet epochs: usize = 20;\nlet mut rate = 0.1;\nlet name = \"GABPA\";\n\
        let own = \"x\".to_owned();\nconst N: u8 = 3;\nlet all: Vec<f32> = vec![];\nlet some: Option<String> = None;\n\
        let on = true;\nlet pair = (1u8, \"a\");\nlet seed = make();\nlet map: std::collections::HashMap<u8, Vec<bool>> = f();";

    #[test]
    fn the_declared_type_decides() {
        let set = |text: &str| cell(&[text], Some(DECLARED)).unwrap();
        assert_eq!(set("epochs=5"), "let epochs: usize = 5;");
        assert_eq!(set("rate=1"), "let mut rate: f64 = 1.0;");
        assert_eq!(set("rate=-inf"), "let mut rate: f64 = f64::NEG_INFINITY;");
        assert_eq!(set("name=1.10"), "let name: &str = \"1.10\";");
        assert_eq!(set("own=true"), "let own: String = String::from(\"true\");");
        assert_eq!(set("N=255"), "const N: u8 = 255;");
        assert_eq!(
            set("all=[1, nan, -2.5]"),
            "let all: Vec<f32> = vec![1.0, f32::NAN, -2.5];"
        );
        assert_eq!(set("some=None"), "let some: Option<String> = None;");
        assert_eq!(
            set("some=7"),
            "let some: Option<String> = Some(String::from(\"7\"));"
        );
        assert_eq!(set("on=False"), "let on: bool = false;");
        assert_eq!(set("pair=[4, b]"), "let pair: (u8, &str,) = (4, \"b\",);");
        assert_eq!(
            set("map={1: [true]}"),
            "let map: std::collections::HashMap<u8, Vec<bool>> = std::collections::HashMap::from([(1, vec![true])]);"
        );
    }

    #[test]
    fn a_bad_value_is_named() {
        let complaint = |text: &str| cell(&[text], Some(DECLARED)).unwrap_err();
        insta::assert_snapshot!(complaint("epochs=-1"), @"parameter epochs: expected a whole number from 0 to 18446744073709551615 (usize), got -1");
        insta::assert_snapshot!(complaint("epochs=1.5"), @"parameter epochs: expected a whole number (usize), got 1.5");
        insta::assert_snapshot!(complaint("N=256"), @"parameter N: expected a whole number from 0 to 255 (u8), got 256");
        insta::assert_snapshot!(complaint("rate=fast"), @r#"parameter rate: expected a number (f64), got the text "fast""#);
        insta::assert_snapshot!(complaint("rate=1e999"), @r#"parameter rate: expected a number (f64), got the text "1e999""#);
        insta::assert_snapshot!(complaint("all=[1, x]"), @r#"parameter all: expected a number (f32), got the text "x""#);
        insta::assert_snapshot!(complaint("all=[1"), @r#"parameter all: expected a list such as [..] of f32, got the text "[1""#);
        insta::assert_snapshot!(complaint("seed=1"), @"parameter seed: expected a type that a parameter can have (numbers, bool, char, String, &str, PathBuf, Option, Vec, arrays, tuples, maps), got a type that only the compiler knows: declare it as `let name: T = ..`");
        insta::assert_snapshot!(complaint("epoch=1"), @"parameter epoch: unknown; the cell tagged `parameters` declares epochs, rate, name, own, N, all, some, on, pair, seed, map");
        assert!("epochs".parse::<Parameter>().is_err());
        assert!("=1".parse::<Parameter>().is_err());
    }

    #[test]
    fn without_a_declaration_the_value_decides() {
        let set = |text: &str| cell(&[text], None).unwrap();
        assert_eq!(set("a=5"), "let a: i64 = 5;");
        assert_eq!(set("a=5.0"), "let a: f64 = 5.0;");
        assert_eq!(set("a=b c"), "let a: String = String::from(\"b c\");");
        assert_eq!(
            set("a=[1, 2.5, null]"),
            "let a: Vec<Option<f64>> = vec![Some(1.0), Some(2.5), None];"
        );
        assert!(
            cell(&["a=[1, x]"], None)
                .unwrap_err()
                .contains("i64 and String")
        );
        assert!(cell(&["a=[]"], None).unwrap_err().contains("empty list"));
        for name in ["fn", "a-b", "a; evil()", "1a", "_"] {
            assert!(cell(&[&format!("{name}=1")], None).is_err(), "{name}");
        }
        assert_eq!(cell(&["a=1", "a=2"], None).unwrap(), "let a: i64 = 2;");
    }

    #[test]
    fn a_text_never_becomes_code() {
        for text in [
            "x\"); std::process::exit(1); (\"",
            "a\nb\r\n:dep evil",
            "\\",
            "\\\"",
            "\u{202e}x",
            "${x} {y}",
            "r#\"",
            "\0",
            "*/ //",
            "'",
            "é\u{301}🧬",
        ] {
            for declared in [
                None,
                Some("let a: &str = \"\";"),
                Some("let a = String::new();"),
            ] {
                let source = cell(&[&format!("a={text}")], declared).unwrap();
                assert_eq!(source.lines().count(), 1, "{source}");
                let Ok(syn::Stmt::Local(local)) = syn::parse_str(&source) else {
                    panic!("{source}");
                };
                let mut value = *local.init.unwrap().expr;
                if let syn::Expr::Call(call) = value {
                    value = call.args[0].clone();
                }
                let syn::Expr::Lit(syn::ExprLit {
                    lit: syn::Lit::Str(read),
                    ..
                }) = value
                else {
                    panic!("{source}");
                };
                assert_eq!(read.value(), text);
            }
        }
    }
}
