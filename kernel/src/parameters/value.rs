//! Values as people and front ends write them: JSON, with bare words and with the numbers that JSON lacks.

use anyhow::{Result, bail};

/// Is a value without a Rust type yet.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    Nothing,
    Bool(bool),
    Integer(i128),
    Float(f64),
    Text(String),
    List(Vec<Value>),
    Table(Vec<(String, Value)>),
}

impl Value {
    /// Reads a text as a value.
    pub(super) fn parse(text: &str) -> Result<Self> {
        let mut reader = Reader {
            rest: text,
            depth: 0,
        };
        let value = reader.value(&[])?;
        match reader.rest.trim_start() {
            "" => Ok(value),
            rest => bail!("{rest:?} follows after the end of the value"),
        }
    }

    /// Names what this is, for messages.
    pub(super) fn describe(&self) -> String {
        match self {
            Self::Nothing => "nothing".to_owned(),
            Self::Bool(value) => value.to_string(),
            Self::Integer(value) => value.to_string(),
            Self::Float(value) => format!("{value:?}"),
            Self::Text(text) => format!("the text {text:?}"),
            Self::List(items) => format!("a list of {}", items.len()),
            Self::Table(entries) => format!("a table of {}", entries.len()),
        }
    }
}

/// How deep lists and tables may lie in one another.
const DEEPEST: usize = 64;

struct Reader<'a> {
    rest: &'a str,
    depth: usize,
}

impl Reader<'_> {
    /// Reads a value; a bare word goes on until one of `ends`.
    fn value(&mut self, ends: &[char]) -> Result<Value> {
        self.rest = self.rest.trim_start();
        match self.rest.chars().next() {
            Some(open @ ('[' | '{')) => {
                self.depth += 1;
                if self.depth > DEEPEST {
                    bail!("lists and tables lie more than {DEEPEST} deep in one another");
                }
                let value = if open == '[' {
                    self.list()
                } else {
                    self.table()
                };
                self.depth -= 1;
                value
            }
            Some('"' | '\'') => Ok(Value::Text(self.quoted()?)),
            _ => {
                let end = self.rest.find(ends).unwrap_or(self.rest.len());
                let (word, rest) = self.rest.split_at(end);
                self.rest = rest;
                word_value(word.trim_end())
            }
        }
    }

    fn list(&mut self) -> Result<Value> {
        let mut items = Vec::new();
        self.step();
        while !self.closes(']') {
            items.push(self.value(&[',', ']'])?);
            self.separator(']')?;
        }
        Ok(Value::List(items))
    }

    fn table(&mut self) -> Result<Value> {
        let mut entries = Vec::new();
        self.step();
        while !self.closes('}') {
            let key = match self.value(&[':', ',', '}'])? {
                Value::Text(key) => key,
                other => other.describe(),
            };
            self.rest = self.rest.trim_start();
            let Some(rest) = self.rest.strip_prefix(':') else {
                bail!("the key {key:?} of a table needs a colon and a value");
            };
            self.rest = rest;
            entries.push((key, self.value(&[',', '}'])?));
            self.separator('}')?;
        }
        Ok(Value::Table(entries))
    }

    fn quoted(&mut self) -> Result<String> {
        if let Some(inside) = self.rest.strip_prefix('\'') {
            // Within single quotes, a quote is written twice and nothing else is special.
            let mut text = String::new();
            let mut letters = inside.char_indices();
            while let Some((at, letter)) = letters.next() {
                if letter != '\'' {
                    text.push(letter);
                } else if inside[at + 1..].starts_with('\'') {
                    letters.next();
                    text.push('\'');
                } else {
                    self.rest = &inside[at + 1..];
                    return Ok(text);
                }
            }
            bail!("a quote is not closed");
        }
        let mut texts = serde_json::Deserializer::from_str(self.rest).into_iter::<String>();
        match texts.next() {
            Some(Ok(text)) => {
                let end = texts.byte_offset();
                self.rest = &self.rest[end..];
                Ok(text)
            }
            Some(Err(error)) => bail!("a text in quotes is not right: {error}"),
            None => bail!("a quote is not closed"),
        }
    }

    fn step(&mut self) {
        let mut letters = self.rest.chars();
        letters.next();
        self.rest = letters.as_str();
    }

    fn closes(&mut self, bracket: char) -> bool {
        self.rest = self.rest.trim_start();
        let closes = self.rest.starts_with(bracket);
        if closes {
            self.step();
        }
        closes
    }

    /// Steps over a comma, or stands before the closing bracket.
    fn separator(&mut self, bracket: char) -> Result<()> {
        self.rest = self.rest.trim_start();
        if self.rest.starts_with(',') {
            self.step();
        } else if !self.rest.starts_with(bracket) {
            bail!("expected a comma or {bracket:?}, got {:?}", self.rest);
        }
        Ok(())
    }
}

fn word_value(word: &str) -> Result<Value> {
    Ok(match word {
        "" => bail!("a value is missing"),
        "null" | "None" => Value::Nothing,
        "true" | "True" => Value::Bool(true),
        "false" | "False" => Value::Bool(false),
        "nan" | "NaN" | ".nan" | ".NaN" => Value::Float(f64::NAN),
        "inf" | ".inf" | "Infinity" => Value::Float(f64::INFINITY),
        "-inf" | "-.inf" | "-Infinity" => Value::Float(f64::NEG_INFINITY),
        _ => number(word)?.unwrap_or_else(|| Value::Text(word.to_owned())),
    })
}

fn number(word: &str) -> Result<Option<Value>> {
    let digits = word.trim_start_matches(['-', '+']);
    let starts = digits.trim_start_matches('.');
    if !starts.starts_with(|first: char| first.is_ascii_digit()) {
        return Ok(None);
    }
    let plain = word.replace('_', "");
    if digits.chars().all(|c| c.is_ascii_digit() || c == '_') {
        return match plain.parse() {
            Ok(value) => Ok(Some(Value::Integer(value))),
            Err(_) => bail!("{word} is too large a number"),
        };
    }
    match plain.parse() {
        Ok(value) if f64::is_infinite(value) => bail!("{word} is larger than the largest number"),
        value => Ok(value.ok().map(Value::Float)),
    }
}

#[cfg(test)]
mod tests {
    use super::Value::{self, *};

    fn parsed(text: &str) -> Value {
        Value::parse(text).unwrap()
    }

    #[test]
    fn scalars_are_read_as_json_and_yaml_have_them() {
        assert_eq!(parsed("true"), Bool(true));
        assert_eq!(parsed("False"), Bool(false));
        assert_eq!(parsed("null"), Nothing);
        assert_eq!(parsed("-12"), Integer(-12));
        assert_eq!(parsed("1_000"), Integer(1000));
        assert_eq!(parsed("1e-3"), Float(0.001));
        assert_eq!(parsed("1e+22"), Float(1e22));
        assert_eq!(parsed("-Infinity"), Float(f64::NEG_INFINITY));
        assert!(matches!(parsed("NaN"), Float(x) if x.is_nan()));
        assert_eq!(parsed("1.2.3"), Text("1.2.3".to_owned()));
        assert_eq!(parsed("e5"), Text("e5".to_owned()));
        assert_eq!(parsed("a \"b\" c"), Text("a \"b\" c".to_owned()));
        assert_eq!(parsed(r#""a\n\u00e9""#), Text("a\né".to_owned()));
        assert_eq!(parsed("'it''s'"), Text("it's".to_owned()));
    }

    #[test]
    fn lists_and_tables_nest() {
        let word = |text: &str| Text(text.to_owned());
        assert_eq!(
            parsed(r#"[GABPA, "CT,CF", [1, -2.5,], {}]"#),
            List(vec![
                word("GABPA"),
                word("CT,CF"),
                List(vec![Integer(1), Float(-2.5)]),
                Table(vec![])
            ])
        );
        assert_eq!(
            parsed(r#"{"a": [1], b: null}"#),
            Table(vec![
                ("a".to_owned(), List(vec![Integer(1)])),
                ("b".to_owned(), Nothing)
            ])
        );
    }

    #[test]
    fn what_is_not_closed_is_refused() {
        for broken in [
            "[1, 2", "[1 2]]", "{a: 1", "{a}", "\"a", "'a", "", "[,]", "[1] 2",
        ] {
            assert!(Value::parse(broken).is_err(), "{broken}");
        }
        assert!(Value::parse(&"9".repeat(60)).is_err());
        assert!(Value::parse(&"[".repeat(1_000_000)).is_err());
        assert!(Value::parse("[[1], [2], {a: [3]}]").is_ok());
    }
}
