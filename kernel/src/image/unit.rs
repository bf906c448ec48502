//! What cargo compiles, one compilation at a time.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One compilation, or one run of a build script, in the plan of a build.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Unit {
    /// Cargo's name for the package, with the place that it comes from.
    pub(crate) id: String,
    pub(crate) package: String,
    pub(crate) version: String,
    /// The name of the crate as the compiler gets it.
    pub(crate) name: String,
    pub(crate) kind: Kind,
    pub(crate) features: Vec<String>,
    #[serde(default)]
    pub(crate) edition: String,
    pub(crate) opt_level: String,
    pub(crate) source: String,
    /// What this unit needs: the name under which it knows it, and the place in the plan.
    pub(crate) needs: Vec<(String, usize)>,
    /// In an image: the compiled files.
    #[serde(default)]
    pub(crate) files: Vec<String>,
    /// In an image: what the build script said to cargo.
    #[serde(default)]
    pub(crate) said: Option<String>,
}

/// What a unit is.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
pub(crate) enum Kind {
    Library,
    Macro,
    /// A build script that is compiled.
    Script,
    /// A build script that is run.
    Run,
}

impl Unit {
    /// Reads the plan that `cargo --unit-graph` prints; `None` when it does not have the form that is known.
    pub(crate) fn read(plan: &str) -> Option<Vec<Self>> {
        let plan: Value = serde_json::from_str(plan).ok()?;
        if plan["version"] != 1 {
            return None;
        }
        plan["units"].as_array()?.iter().map(Self::of).collect()
    }

    fn of(unit: &Value) -> Option<Self> {
        let id = unit["pkg_id"].as_str()?.to_owned();
        let (package, version) = package(&id)?;
        let kind = match (unit["mode"].as_str()?, target_kind(&unit["target"])?) {
            ("run-custom-build", _) => Kind::Run,
            (_, "custom-build") => Kind::Script,
            (_, "proc-macro") => Kind::Macro,
            _ => Kind::Library,
        };
        let need = |need: &Value| {
            let name = need["extern_crate_name"].as_str()?.to_owned();
            Some((name, need["index"].as_u64()? as usize))
        };
        let needs = unit["dependencies"].as_array()?.iter().map(need);
        Some(Self {
            package,
            version,
            name: unit["target"]["name"].as_str()?.replace('-', "_"),
            kind,
            features: features(&unit["features"]),
            edition: unit["target"]["edition"].as_str()?.to_owned(),
            opt_level: unit["profile"]["opt_level"].as_str()?.to_owned(),
            source: unit["target"]["src_path"].as_str()?.to_owned(),
            needs: needs.collect::<Option<_>>()?,
            files: Vec::new(),
            said: None,
            id,
        })
    }

    /// Tells whether a message of cargo about a finished artifact is about this unit.
    pub(crate) fn is_of(&self, artifact: &Value) -> bool {
        self.kind != Kind::Run
            && artifact["package_id"] == self.id.as_str()
            && artifact["profile"]["opt_level"] == self.opt_level.as_str()
            && artifact["target"]["name"]
                .as_str()
                .is_some_and(|name| name.replace('-', "_") == self.name)
            && (target_kind(&artifact["target"]) == Some("custom-build"))
                == (self.kind == Kind::Script)
            && features(&artifact["features"]) == self.features
    }

    /// Tells whether the package lies in a folder of the person's.
    pub(crate) fn is_local(&self) -> bool {
        self.id.starts_with("path+")
    }

    /// The package as a person writes it.
    pub(crate) fn label(&self) -> String {
        format!("{} {}", self.package, self.version)
    }
}

fn target_kind(target: &Value) -> Option<&str> {
    target["kind"][0].as_str()
}

fn features(list: &Value) -> Vec<String> {
    let names = list.as_array().into_iter().flatten();
    let mut names: Vec<String> = names.filter_map(Value::as_str).map(str::to_owned).collect();
    names.sort();
    names
}

/// Takes name and version out of `registry+https://…#name@1.2.3`, where the name may be left to the path.
fn package(id: &str) -> Option<(String, String)> {
    let (place, rest) = id.rsplit_once('#')?;
    if let Some((name, version)) = rest.rsplit_once('@') {
        return Some((name.to_owned(), version.to_owned()));
    }
    let path = place.split('?').next()?;
    let name = path.rsplit('/').next()?.trim_end_matches(".git");
    Some((name.to_owned(), rest.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::package;

    #[test]
    fn names_of_packages_are_understood() {
        let both = |name: &str, version: &str| Some((name.to_owned(), version.to_owned()));
        assert_eq!(
            package("registry+https://github.com/rust-lang/crates.io-index#ndarray@0.17.2"),
            both("ndarray", "0.17.2")
        );
        assert_eq!(
            package("path+file:///home/me/twice#1.0.0"),
            both("twice", "1.0.0")
        );
        assert_eq!(
            package("git+https://example.org/tool.git?branch=main#0.3.0"),
            both("tool", "0.3.0")
        );
    }
}
