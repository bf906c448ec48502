//! How many letters must be replaced, inserted or deleted to make one text of another.

/// More than any distance, and far from overflow.
const FAR: usize = usize::MAX / 2;

/// Returns the fewest replacements, insertions and deletions of one letter that turn one text into the other.
///
/// # Examples
///
/// ```
/// use genolens::sufficient::edit_distance;
/// assert_eq!(edit_distance("GCTGAGTCAT", "GCTGA-TCA"), 2);
/// ```
///
/// # References
///
/// Levenshtein 1966, Soviet Physics Doklady 10:707; by dynamic programming, Wagner and Fischer 1974,
/// <https://doi.org/10.1145/321796.321811>.
pub fn edit_distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let most = a.len().max(b.len());
    within((&a, &b), most, &mut Vec::new()).unwrap_or(most)
}

/// Returns the distance of two texts unless it is above a limit; `row` is room to work in.
///
/// Only cells within the limit of the diagonal are computed (Ukkonen 1985, <https://doi.org/10.1016/S0019-9958(85)80046-2>): few, where texts
/// are long and the limit is small, as among neighbours.
pub(super) fn within<T: PartialEq + Copy>(
    (a, b): (&[T], &[T]),
    limit: usize,
    row: &mut Vec<usize>,
) -> Option<usize> {
    let (a, b) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    if b.len() - a.len() > limit {
        return None;
    }
    let same = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    let (a, b) = (&a[same..], &b[same..]);
    let ends = a.iter().rev().zip(b.iter().rev());
    let same = ends.take_while(|(a, b)| a == b).count();
    let (a, b) = (&a[..a.len() - same], &b[..b.len() - same]);
    row.clear();
    row.extend((0..=a.len()).map(|at| if at <= limit { at } else { FAR }));
    for (i, letter) in b.iter().enumerate() {
        let i = i + 1;
        let low = i.saturating_sub(limit).max(1);
        let high = a.len().min(i.saturating_add(limit));
        let mut diagonal = row[low - 1];
        row[low - 1] = if low == 1 { i } else { FAR };
        let mut least = row[low - 1];
        for at in low..=high {
            let above = row[at];
            let replaced = diagonal + usize::from(a[at - 1] != *letter);
            row[at] = replaced.min(above + 1).min(row[at - 1] + 1);
            least = least.min(row[at]);
            diagonal = above;
        }
        if least > limit {
            return None;
        }
    }
    Some(row[a.len()]).filter(|&distance| distance <= limit)
}
