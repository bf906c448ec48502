//! Several stretches of every edit become one.

use super::changes::Changes;
use super::level::Level;

/// What is made of the numbers that several chains give at one position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Joined {
    Sum,
    Product,
    SideBySide,
    Largest,
    Mean,
}

/// Joins stretches over a sequence of one length, each with the origin there.
pub(super) fn join(parts: &[(Changes, Option<Level>)], how: Joined) -> Option<Changes> {
    let (first, _) = parts.first()?;
    let edits = 0..first.edits();
    let spans = edits.map(|edit| {
        let starts = parts.iter().map(|(part, _)| part.starts[edit]);
        let ends = parts.iter();
        let ends = ends.map(|(part, _)| part.starts[edit] + part.width as isize);
        (starts.min().unwrap_or(0), ends.max().unwrap_or(0))
    });
    let spans: Vec<(isize, isize)> = spans.collect();
    let width = spans.iter().map(|(start, end)| (end - start) as usize);
    let width = width.max().unwrap_or(0);
    let starts = spans.into_iter().map(|(start, _)| start).collect();
    let channels = match how {
        Joined::SideBySide => parts.iter().map(|(part, _)| part.channels).sum(),
        _ => first.channels,
    };
    let (starts, width) = if width < first.length {
        (starts, width)
    } else {
        (vec![0; first.edits()], first.length)
    };
    let mut out = Changes::zeros(starts, (width, channels), first.length);
    out.fill(|edit, position, row| {
        let mut rows = parts
            .iter()
            .map(|(part, origin)| part.at(origin.as_ref(), edit, position));
        if how == Joined::SideBySide {
            let mut rest = row;
            for x in rows {
                let (own, others) = rest.split_at_mut(x.len());
                own.copy_from_slice(x);
                rest = others;
            }
            return;
        }
        if let Some(x) = rows.next() {
            row.copy_from_slice(x);
        }
        for x in rows {
            let both = row.iter_mut().zip(x);
            match how {
                Joined::Product => both.for_each(|(row, &x)| *row *= x),
                Joined::Largest => {
                    both.for_each(|(row, &x)| *row = if x > *row || x.is_nan() { x } else { *row });
                }
                Joined::Sum | Joined::Mean | Joined::SideBySide => {
                    both.for_each(|(row, &x)| *row += x);
                }
            }
        }
        if how == Joined::Mean {
            let share = 1.0 / parts.len() as f32;
            for row in row {
                *row *= share;
            }
        }
    });
    Some(out)
}
