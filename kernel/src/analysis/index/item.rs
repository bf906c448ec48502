//! One item of a library.

/// Is an item and what belongs to it. A macro's path ends in `!`; a primitive type's is its name alone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Item {
    /// Where it is defined, such as `candle_core::tensor::Tensor`; users may know it by another path.
    pub(crate) path: String,
    /// `struct`, `enum`, `trait`, `module`, `function`, …
    pub(crate) kind: String,
    pub(crate) signature: String,
    /// Markdown.
    pub(crate) docs: String,
    /// Names of the type parameters.
    pub(crate) generics: Vec<String>,
    /// What the type reads as through `Deref`, in terms of its type parameters; what an alias stands for.
    pub(crate) target: String,
    /// Methods, fields, variants, constants.
    pub(crate) members: Vec<Member>,
    /// Paths of the traits that the type implements, each with the type it is implemented for when that is narrower.
    pub(crate) traits: Vec<(String, String)>,
    /// What a module holds or passes on: a name and the path behind it; the name `*` passes on all that is there.
    pub(crate) children: Vec<(String, String)>,
}

/// Is something that belongs to a type or a trait.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Member {
    pub(crate) name: String,
    /// `method`, `function`, `field`, `variant` or `constant`.
    pub(crate) kind: String,
    pub(crate) signature: String,
    pub(crate) docs: String,
    /// The type that it is defined for, when that is narrower than the type it belongs to, such as `ArrayBase<S, Ix1>`.
    pub(crate) of: String,
}

impl Item {
    /// The last segment of the path.
    pub(crate) fn name(&self) -> &str {
        self.path.rsplit("::").next().unwrap_or_default()
    }
}
