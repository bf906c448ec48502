//! Values of all kinds for tests of what must take anything.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value};

/// Makes JSON in which these names stand with contents of any kind.
pub(crate) fn json(names: &'static [&'static str]) -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (-1e300..1e300).prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        select(names).prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 48, 6, move |inner| {
        let name = prop_oneof![9 => select(names).prop_map(str::to_owned), 1 => any::<String>()];
        prop_oneof![
            vec(inner.clone(), 0..5).prop_map(Value::from),
            vec((name, inner), 0..7).prop_map(|entries| Value::Object(Map::from_iter(entries))),
        ]
    })
}

/// Makes text from these pieces and others.
pub(crate) fn text(pieces: &'static [&'static str]) -> impl Strategy<Value = String> {
    let piece = prop_oneof![9 => select(pieces).prop_map(str::to_owned), 1 => any::<String>()];
    vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}
