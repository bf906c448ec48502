//! How golden numbers are read: tab-separated rows with a name in the first column.

use genolens::ndarray::Array2;

/// Returns the rows of this name, as texts.
pub(crate) fn rows<'a>(text: &'a str, name: &str) -> Vec<Vec<&'a str>> {
    let rows: Vec<Vec<&str>> = text
        .lines()
        .map(|line| line.split('\t').collect::<Vec<_>>())
        .filter(|cells| cells[0] == name)
        .map(|cells| cells[1..].to_vec())
        .collect();
    assert!(!rows.is_empty(), "no row is called {name}");
    rows
}

/// Returns the rows of this name as a table of numbers.
pub(crate) fn table(text: &str, name: &str) -> Array2<f64> {
    let rows = rows(text, name);
    let columns = rows[0].len();
    let numbers = rows.iter().flatten().map(|cell| cell.parse().unwrap());
    Array2::from_shape_vec((rows.len(), columns), numbers.collect()).unwrap()
}

/// Checks that numbers differ from the golden ones by at most this share of the largest golden one.
pub(crate) fn assert_near(found: &Array2<f64>, golden: &Array2<f64>, share: f64) {
    assert_named("", found, (golden, share));
}

/// The same for one of many tables.
pub(crate) fn assert_named(what: &str, found: &Array2<f64>, (golden, share): (&Array2<f64>, f64)) {
    assert_eq!(found.dim(), golden.dim());
    let largest = golden.iter().fold(0.0_f64, |a, b| a.max(b.abs()));
    for (place, golden) in golden.indexed_iter() {
        let found = found[place];
        assert!(
            (found - golden).abs() <= share * largest,
            "{what} {place:?}: {found}, expected {golden}"
        );
    }
}
