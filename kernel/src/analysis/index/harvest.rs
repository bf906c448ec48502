//! Makes items of the JSON that rustdoc writes about one crate.

use super::spell::{self, text};
use super::{Item, Member};
use anyhow::{Result, bail};
use serde_json::Value;
use std::collections::HashMap;

/// The form of rustdoc's JSON that is understood here.
const FORMAT: u64 = 57;

/// Reads what rustdoc wrote about a crate; `whole` keeps all of the documentation, otherwise its first paragraph is kept.
pub(crate) fn harvest(json: &str, whole: bool) -> Result<Vec<Item>> {
    let rustdoc: Value = serde_json::from_str(json)?;
    match rustdoc["format_version"].as_u64() {
        Some(FORMAT) => {}
        other => bail!("rustdoc writes format {other:?}, and {FORMAT} is understood"),
    }
    let mut harvest = Harvest {
        rustdoc: &rustdoc,
        whole,
        items: Vec::new(),
        places: HashMap::new(),
    };
    harvest.items();
    harvest.implementations();
    Ok(harvest.items)
}

/// How deep private modules that are passed on may lie in each other.
const DEPTH: usize = 8;

struct Harvest<'a> {
    rustdoc: &'a Value,
    whole: bool,
    items: Vec<Item>,
    places: HashMap<String, usize>,
}

impl<'a> Harvest<'a> {
    fn find(&self, id: &Value) -> Option<&'a Value> {
        self.rustdoc["index"].get(id.to_string())
    }

    /// The path under which an item is defined, in this crate or another.
    fn path(&self, id: &Value) -> Option<String> {
        let entry = self.rustdoc["paths"].get(id.to_string())?;
        let segments: Vec<&str> = entry["path"].as_array()?.iter().map(text).collect();
        match text(&entry["kind"]) {
            "macro" => Some(format!("{}!", segments.join("::"))),
            "primitive" => segments.last().map(|name| (*name).to_owned()),
            "proc_derive" | "proc_attribute" => None,
            _ => Some(segments.join("::")),
        }
    }

    fn docs(&self, value: &Value) -> String {
        let docs = text(&value["docs"]);
        if self.whole {
            return docs.to_owned();
        }
        docs.split("\n\n").next().unwrap_or_default().to_owned()
    }

    /// Spells a type with the whole paths of what it is made of, so that it can be read anywhere.
    fn spell_whole(&self, kind: &Value) -> String {
        fn replace(harvest: &Harvest<'_>, value: &mut Value) {
            if let Some(inner) = value.get_mut("resolved_path")
                && let Some(path) = harvest.path(&inner["id"])
            {
                inner["path"] = Value::String(path);
            }
            match value {
                Value::Array(values) => values.iter_mut().for_each(|value| replace(harvest, value)),
                Value::Object(values) => values
                    .values_mut()
                    .for_each(|value| replace(harvest, value)),
                _ => {}
            }
        }
        let mut kind = kind.clone();
        replace(self, &mut kind);
        spell::kind(&kind)
    }

    fn items(&mut self) {
        let Some(index) = self.rustdoc["index"].as_object() else {
            return;
        };
        for value in index.values() {
            if value["crate_id"] == 0
                && is_stable(value)
                && let Some(path) = self.path(&value["id"])
                && let Some(item) = self.item(path, value)
            {
                self.places.insert(item.path.clone(), self.items.len());
                self.items.push(item);
            }
        }
    }

    fn item(&self, path: String, value: &Value) -> Option<Item> {
        let (form, inner) = value["inner"].as_object()?.iter().next()?;
        let name = text(&value["name"]);
        let generics = &inner["generics"];
        let declared = |word: &str| format!("{word} {name}{}", spell::parameters(generics));
        let mut item = Item {
            path,
            docs: self.docs(value),
            generics: spell::parameter_names(generics),
            ..Item::default()
        };
        let mut is = |kind: &str, signature: String| {
            kind.clone_into(&mut item.kind);
            item.signature = signature;
        };
        match form.as_str() {
            "module" => is("module", format!("mod {name}")),
            "struct" => is(
                "struct",
                format!(
                    "{}{}",
                    declared("struct"),
                    self.tuple(&inner["kind"]["tuple"])
                ),
            ),
            "enum" => is("enum", declared("enum")),
            "union" => is("union", declared("union")),
            "trait" => is("trait", declared("trait")),
            "primitive" => is("primitive", name.to_owned()),
            "function" => is("function", spell::function(name, inner)),
            "constant" => is(
                "constant",
                format!("const {name}: {}", spell::kind(&inner["type"])),
            ),
            "static" => is(
                "static",
                format!("static {name}: {}", spell::kind(&inner["type"])),
            ),
            "type_alias" => {
                let target = spell::kind(&inner["type"]);
                is("type", format!("{} = {target}", declared("type")));
                item.target = self.spell_whole(&inner["type"]);
            }
            "macro" => is("macro", format!("macro {name}!")),
            _ => return None,
        }
        if form == "module" {
            item.children = self.children(inner, DEPTH);
        }
        for list in [
            &inner["items"],
            &inner["variants"],
            &inner["kind"]["plain"]["fields"],
            &inner["fields"],
        ] {
            if form != "module" {
                let members = list.as_array().into_iter().flatten();
                item.members
                    .extend(members.filter_map(|id| self.member(id, "")));
            }
        }
        Some(item)
    }

    fn children(&self, module: &Value, depth: usize) -> Vec<(String, String)> {
        let mut children = Vec::new();
        for id in module["items"].as_array().into_iter().flatten() {
            let Some(value) = self.find(id).filter(|value| is_stable(value)) else {
                continue;
            };
            let passed_on = &value["inner"]["use"];
            let hidden = self
                .find(&passed_on["id"])
                .map(|module| &module["inner"]["module"]);
            if passed_on["is_glob"] == true
                && let Some(hidden) = hidden.filter(|module| module["is_stripped"] == true)
                && depth > 0
            {
                // A private module has no path, only what it holds has.
                children.extend(self.children(hidden, depth - 1));
                continue;
            }
            let (name, target) = if passed_on.is_null() {
                (text(&value["name"]), self.path(id))
            } else if passed_on["is_glob"] == true {
                ("*", self.path(&passed_on["id"]))
            } else {
                (text(&passed_on["name"]), self.path(&passed_on["id"]))
            };
            if let Some(target) = target {
                children.push((name.to_owned(), target));
            }
        }
        children
    }

    /// The fields of a tuple struct or variant, such as `(f64, f64)`.
    fn tuple(&self, fields: &Value) -> String {
        let Some(fields) = fields.as_array() else {
            return String::new();
        };
        let each = |id: &Value| {
            self.find(id).map_or_else(
                || "_".to_owned(),
                |field| spell::kind(&field["inner"]["struct_field"]),
            )
        };
        let fields: Vec<String> = fields.iter().map(each).collect();
        format!("({})", fields.join(", "))
    }

    fn member(&self, id: &Value, of: &str) -> Option<Member> {
        let value = self.find(id).filter(|value| is_stable(value))?;
        let name = text(&value["name"]);
        let (form, inner) = value["inner"].as_object()?.iter().next()?;
        let (kind, signature) = match form.as_str() {
            "function" => {
                let first = &inner["sig"]["inputs"][0][0];
                let kind = if first == "self" {
                    "method"
                } else {
                    "function"
                };
                (kind, spell::function(name, inner))
            }
            "struct_field" => ("field", format!("{name}: {}", spell::kind(inner))),
            "variant" => {
                let fields = inner["kind"]["struct"]["fields"].as_array();
                let fields: Option<Vec<String>> = fields.map(|ids| {
                    let each = |id| {
                        let field = self.find(id)?;
                        let kind = spell::kind(&field["inner"]["struct_field"]);
                        Some(format!("{}: {kind}", text(&field["name"])))
                    };
                    ids.iter().filter_map(each).collect()
                });
                let fields = match fields {
                    Some(fields) => format!(" {{ {} }}", fields.join(", ")),
                    None => self.tuple(&inner["kind"]["tuple"]),
                };
                ("variant", format!("{name}{fields}"))
            }
            "assoc_const" => (
                "constant",
                format!("const {name}: {}", spell::kind(&inner["type"])),
            ),
            _ => return None,
        };
        Some(Member {
            name: name.to_owned(),
            kind: kind.to_owned(),
            signature,
            docs: self.docs(value),
            of: of.to_owned(),
        })
    }

    fn implementations(&mut self) {
        let Some(index) = self.rustdoc["index"].as_object() else {
            return;
        };
        let root = &self.rustdoc["index"][self.rustdoc["root"].to_string()];
        for value in index.values() {
            let inner = &value["inner"]["impl"];
            // What the crates behind `std` add to primitive types is told by `std` alone.
            let ours = value["crate_id"] == 0
                || root["name"] == "std" && !inner["for"]["primitive"].is_null();
            let ours = ours && is_stable(value);
            if !ours
                || inner["is_synthetic"] == true
                || inner["is_negative"] == true
                || !inner["blanket_impl"].is_null()
            {
                continue;
            }
            if let Some(path) = self.owner(&inner["for"]) {
                self.implementation(path, inner);
            }
        }
    }

    /// The path of the type that an implementation is for.
    fn owner(&self, kind: &Value) -> Option<String> {
        let (form, inner) = kind.as_object()?.iter().next()?;
        match form.as_str() {
            "resolved_path" => self.path(&inner["id"]),
            "primitive" => Some(text(inner).to_owned()),
            "slice" => Some("slice".to_owned()),
            "array" => Some("array".to_owned()),
            "dyn_trait" => self.path(&inner["traits"][0]["trait"]["id"]),
            _ => None,
        }
    }

    fn implementation(&mut self, path: String, inner: &Value) {
        let ids: Vec<&Value> = inner["items"].as_array().into_iter().flatten().collect();
        let of = if is_narrow(&inner["for"]) {
            spell::kind(&inner["for"])
        } else {
            String::new()
        };
        let behind = (!inner["trait"].is_null()).then(|| self.path(&inner["trait"]["id"]));
        let members: Vec<Member> = match behind {
            None => ids.iter().filter_map(|id| self.member(id, &of)).collect(),
            Some(_) => Vec::new(),
        };
        let target = || {
            let found = ids.iter().find_map(|id| {
                let value = self.find(id).filter(|value| value["name"] == "Target")?;
                Some(self.spell_whole(&value["inner"]["assoc_type"]["type"]))
            });
            found.unwrap_or_default()
        };
        let target = match &behind {
            Some(Some(path)) if path == "core::ops::deref::Deref" => target(),
            _ => String::new(),
        };
        let place = *self.places.entry(path.clone()).or_insert_with(|| {
            // A type of another crate that this one extends; what else is known of it is said there.
            self.items.push(Item {
                path,
                ..Item::default()
            });
            self.items.len() - 1
        });
        let item = &mut self.items[place];
        item.members.extend(members);
        if !target.is_empty() {
            item.target = target;
        }
        if let Some(Some(path)) = behind {
            let implemented = (path, of);
            if !item.traits.contains(&implemented) {
                item.traits.push(implemented);
            }
        }
    }
}

/// Tells whether a type has an argument that is not a parameter.
fn is_narrow(kind: &Value) -> bool {
    let arguments = &kind["resolved_path"]["args"]["angle_bracketed"]["args"];
    let mut arguments = arguments.as_array().into_iter().flatten();
    let slice = kind.get("slice").or_else(|| kind["array"].get("type"));
    slice.is_some_and(|kind| kind.get("generic").is_none())
        || arguments.any(|argument| {
            argument
                .get("type")
                .is_some_and(|kind| kind.get("generic").is_none())
        })
}

/// Items of the standard library may be reserved for nightly compilers.
fn is_stable(value: &Value) -> bool {
    !value["attrs"]
        .as_array()
        .into_iter()
        .flatten()
        .any(|attribute| {
            attribute["other"]
                .as_str()
                .is_some_and(|text| text.contains("stability: Stability {level: Unstable"))
        })
}
