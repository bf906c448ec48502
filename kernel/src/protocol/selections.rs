//! What people have selected on the maps of their notebook, kept for the cells that ask for it.
//!
//! The front end opens a comm to `genolens.selection` with
//!
//! ```text
//! {"map": "<16 hexadecimal digits>", "polygon": [[x, y], ...]}
//! ```
//!
//! and the kernel closes it, with `{"kept": <corners>}`, or with a `reason` why it kept nothing. An empty polygon selects nothing.

use serde_json::{Map, Value};
use std::fmt::Write as _;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// More maps are not remembered; who was told of first is forgotten first.
const MAPS: usize = 100;

/// The lasso of a picture leaves about forty.
const CORNERS: usize = 1000;

/// Holds the last polygon of each map as the numbers in a row, the newest last.
#[derive(Debug, Default)]
pub(crate) struct Selections(Mutex<Vec<(String, String)>>);

impl Selections {
    /// Keeps what a page has sent and counts its corners, or says what is wrong with it.
    pub(super) fn keep(&self, data: &Map<String, Value>) -> Result<usize, String> {
        let (map, polygon, corners) = read(data)?;
        let mut all = self.lock();
        all.retain(|(other, _)| *other != map);
        if all.len() == MAPS {
            all.remove(0);
        }
        all.push((map, polygon));
        Ok(corners)
    }

    /// Gives the polygon that was drawn last on a map.
    pub(super) fn of(&self, map: &str) -> Option<String> {
        let all = self.lock();
        let found = all.iter().find(|(name, _)| name == map);
        found.map(|(_, polygon)| polygon.clone())
    }

    fn lock(&self) -> MutexGuard<'_, Vec<(String, String)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn read(data: &Map<String, Value>) -> Result<(String, String, usize), String> {
    let is_name = |name: &&str| {
        let digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        name.len() == 16 && name.bytes().all(digit)
    };
    let map = data.get("map").and_then(Value::as_str).filter(is_name);
    let map = map.ok_or("expected a `map` of 16 hexadecimal digits")?;
    let polygon = data.get("polygon").and_then(Value::as_array);
    let polygon = polygon.ok_or("expected a `polygon`, an array of corners")?;
    if polygon.len() > CORNERS {
        return Err(format!(
            "a polygon of {} corners; expected at most {CORNERS}",
            polygon.len()
        ));
    }
    let mut row = String::new();
    for corner in polygon {
        let numbers = corner.as_array().filter(|corner| corner.len() == 2);
        let numbers = numbers.into_iter().flatten().filter_map(Value::as_f64);
        let numbers: Vec<f64> = numbers.filter(|number| number.is_finite()).collect();
        let [x, y] = numbers[..] else {
            return Err("expected corners of two finite numbers".to_owned());
        };
        // What `{:?}` writes is read as the same number again.
        let _ = write!(row, "{x:?} {y:?} ");
    }
    Ok((map.to_owned(), row.trim_end().to_owned(), polygon.len()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nonsense;
    use proptest::prelude::*;
    use serde_json::json;

    fn object(value: Value) -> Map<String, Value> {
        serde_json::from_value(value).unwrap()
    }

    fn name(number: usize) -> String {
        format!("{number:016x}")
    }

    #[test]
    fn the_last_polygon_of_each_map_is_kept() {
        let selections = Selections::default();
        let keep = |map: &str, polygon: Value| {
            selections.keep(&object(json!({ "map": map, "polygon": polygon })))
        };
        assert_eq!(selections.of(&name(1)), None);
        let triangle = json!([[0.1, -2], [1e300, 0.1 + 0.2], [3, 4]]);
        assert_eq!(keep(&name(1), triangle), Ok(3));
        assert_eq!(keep(&name(2), json!([])), Ok(0));
        let row = "0.1 -2.0 1e300 0.30000000000000004 3.0 4.0";
        assert_eq!(selections.of(&name(1)).as_deref(), Some(row));
        assert_eq!(selections.of(&name(2)).as_deref(), Some(""));
        assert_eq!(keep(&name(1), json!([[1, 1]])), Ok(1));
        assert_eq!(selections.of(&name(1)).as_deref(), Some("1.0 1.0"));
    }

    #[test]
    fn only_so_many_maps_are_remembered() {
        let selections = Selections::default();
        for number in 0..=MAPS {
            let data = object(json!({ "map": name(number), "polygon": [] }));
            selections.keep(&data).unwrap();
        }
        assert_eq!(selections.of(&name(0)), None);
        assert!(selections.of(&name(1)).is_some() && selections.of(&name(MAPS)).is_some());
        assert_eq!(selections.lock().len(), MAPS);
    }

    #[test]
    fn what_makes_no_sense_is_refused_with_a_reason() {
        let map = name(7);
        let wrong = [
            json!({}),
            json!({ "map": "../../etc/passwd", "polygon": [] }),
            json!({ "map": 5, "polygon": [] }),
            json!({ "map": map }),
            json!({ "map": map, "polygon": "0,0" }),
            json!({ "map": map, "polygon": [[0, 0], [1]] }),
            json!({ "map": map, "polygon": [[0, 0, 0]] }),
            json!({ "map": map, "polygon": [[null, "1"]] }),
            json!({ "map": map, "polygon": vec![[0, 0]; CORNERS + 1] }),
        ];
        let selections = Selections::default();
        let mut reasons: Vec<String> = (wrong.into_iter())
            .map(|data| selections.keep(&object(data)).unwrap_err())
            .collect();
        reasons.dedup();
        insta::assert_snapshot!(reasons.join("\n"), @r"
        expected a `map` of 16 hexadecimal digits
        expected a `polygon`, an array of corners
        expected corners of two finite numbers
        a polygon of 1001 corners; expected at most 1000
        ");
        assert_eq!(selections.lock().len(), 0);
    }

    proptest! {
        #[test]
        fn no_message_is_too_strange(data in nonsense::json(&["map", "polygon", "0123456789abcdef"])) {
            let selections = Selections::default();
            if let Value::Object(data) = data {
                let kept = selections.keep(&data).is_ok();
                prop_assert_eq!(kept, !selections.lock().is_empty());
            }
        }
    }
}
