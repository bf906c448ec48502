//! What a Parquet file says of its columns, looked at before a reader takes room for them.
//!
//! The footer is written in the compact protocol of Thrift. A reader that believes it takes room for as many columns as it promises, and
//! goes as deep as they are nested: neither failure can be caught.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

/// Columns nested deeper are in no table.
const DEEPEST: usize = 32;

/// The field of the whole that lists columns, and the field of a column that counts those within it.
const COLUMNS: i64 = 2;
const CHILDREN: i64 = 5;

/// Kinds of values.
const BYTE: u8 = 3;
const DOUBLE: u8 = 7;
const TEXT: u8 = 8;
const LIST: u8 = 9;
const SET: u8 = 10;
const MAP: u8 = 11;
const STRUCT: u8 = 12;

/// Tells whether the columns of a Parquet file are as many as it lists, and nested as deep as a reader can follow.
pub(super) fn is_sound(file: &mut File) -> io::Result<bool> {
    let mut end = [0; 8];
    let length = file.seek(SeekFrom::End(0))?;
    if length < 12 {
        return Ok(false);
    }
    file.seek(SeekFrom::End(-8))?;
    file.read_exact(&mut end)?;
    let [a, b, c, d, ..] = end;
    let size = u64::from(u32::from_le_bytes([a, b, c, d]));
    if size > length - 12 {
        return Ok(false);
    }
    file.seek(SeekFrom::Start(length - 8 - size))?;
    let mut footer = Vec::new();
    file.by_ref().take(size).read_to_end(&mut footer)?;
    file.rewind()?;
    let mut children = Vec::new();
    let read = Compact(&footer).fields(&mut |id, kind, compact| {
        if (id, kind) != (COLUMNS, LIST) {
            return compact.skip(kind, 0);
        }
        let (count, kind) = compact.list()?;
        for _ in 0..count {
            let mut own = 0;
            compact.fields(&mut |id, kind, compact| {
                if (id, kind) == (CHILDREN, 5) {
                    own = compact.number()?;
                    return Some(());
                }
                compact.skip(kind, 0)
            })?;
            children.push(own);
        }
        (kind == STRUCT).then_some(())
    });
    Ok(read.is_some() && is_shallow(&children))
}

/// Follows columns, each before those within it.
fn is_shallow(children: &[u64]) -> bool {
    let mut left: Vec<u64> = Vec::new();
    for &count in children {
        if count > children.len() as u64 || left.len() > DEEPEST {
            return false;
        }
        if let Some(left) = left.last_mut() {
            *left -= 1;
        }
        if count > 0 {
            left.push(count);
        }
        while left.last() == Some(&0) {
            left.pop();
        }
    }
    left.is_empty()
}

/// What is left to read; nothing comes of a text that ends too early.
struct Compact<'a>(&'a [u8]);

impl Compact<'_> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    fn pass(&mut self, bytes: u64) -> Option<()> {
        self.0 = self.0.get(usize::try_from(bytes).ok()?..)?;
        Some(())
    }

    /// A number of seven bits a byte, the lowest first.
    fn varint(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }

    /// A number from 0; a negative one has its sign in the lowest bit.
    fn number(&mut self) -> Option<u64> {
        let number = self.varint()?;
        (number & 1 == 0).then_some(number >> 1)
    }

    /// How many a list has, and of which kind.
    fn list(&mut self) -> Option<(u64, u8)> {
        let head = self.byte()?;
        let count = match head >> 4 {
            15 => self.varint()?,
            count => u64::from(count),
        };
        // Each takes a byte at least.
        (count <= self.0.len() as u64).then_some((count, head & 15))
    }

    /// Visits the fields of a struct, with number and kind.
    fn fields(&mut self, visit: &mut dyn FnMut(i64, u8, &mut Self) -> Option<()>) -> Option<()> {
        let mut id = 0_i64;
        loop {
            let head = self.byte()?;
            if head == 0 {
                return Some(());
            }
            id = match head >> 4 {
                0 => {
                    let coded = self.varint()?.cast_signed();
                    (coded >> 1) ^ -(coded & 1)
                }
                step => id + i64::from(step),
            };
            visit(id, head & 15, self)?;
        }
    }

    fn skip(&mut self, kind: u8, depth: usize) -> Option<()> {
        if depth > DEEPEST {
            return None;
        }
        match kind {
            // The kind of a truth value is the value.
            1 | 2 => Some(()),
            BYTE => self.pass(1),
            4..=6 => self.varint().map(|_| ()),
            DOUBLE => self.pass(8),
            TEXT => {
                let size = self.varint()?;
                self.pass(size)
            }
            LIST | SET => {
                let (count, kind) = self.list()?;
                self.each(count, &[kind], depth)
            }
            MAP => {
                let count = self.varint()?;
                if count == 0 {
                    return Some(());
                }
                let kinds = self.byte()?;
                self.each(count, &[kinds >> 4, kinds & 15], depth)
            }
            STRUCT => self.fields(&mut |_, kind, compact| compact.skip(kind, depth + 1)),
            _ => None,
        }
    }

    fn each(&mut self, count: u64, kinds: &[u8], depth: usize) -> Option<()> {
        for _ in 0..count {
            for &kind in kinds {
                // Among others a truth value takes a byte.
                let kind = if kind < BYTE { BYTE } else { kind };
                self.skip(kind, depth + 1)?;
            }
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::is_shallow;

    #[test]
    fn columns_are_as_many_as_are_promised() {
        assert!(is_shallow(&[2, 0, 0]));
        assert!(is_shallow(&[2, 1, 0, 0]));
        assert!(!is_shallow(&[3, 0, 0]));
        assert!(!is_shallow(&[2_000_000_000, 0]));
        let mut deep = vec![1; 100_000];
        deep.push(0);
        assert!(!is_shallow(&deep));
    }
}
