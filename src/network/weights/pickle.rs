//! Pickles, read as data: nothing that they name is looked up or called.
//!
//! All values lie in one list and refer to each other by their places, so that neither a deep nor a cyclic pickle costs more than its
//! own length.

use super::element::whole;
use crate::{Error, Result};
use std::collections::HashMap;

/// More values than any state dict has; a pickle of so many is refused.
const MOST: usize = 4_000_000;

/// The place of a value.
pub(super) type Id = usize;

/// What a pickle describes.
#[derive(Clone, Debug)]
pub(super) enum Value {
    /// `None`, bytes, floats, sets: what no state dict depends on.
    Other,
    Bool(bool),
    Int(i64),
    Text(String),
    /// Its module and its name, both texts: a pickle may name one class many times.
    Class(Id, Id),
    List(Vec<Id>),
    Tuple(Vec<Id>),
    Dict(Vec<(Id, Id)>),
    /// A call that unpickling would make: what is called, and its arguments.
    Call(Id, Id),
    /// An object that unpickling would make: its class.
    Object(Id),
    /// Something kept outside of the pickle.
    Outside(Id),
}

/// A pickle as a list of values.
#[derive(Clone, Debug)]
pub(super) struct Pickle {
    values: Vec<Value>,
    root: Id,
    /// Bytes that the pickle takes.
    pub(super) length: usize,
}

impl Pickle {
    /// Reads the pickle that the bytes begin with.
    pub(super) fn read(origin: &str, bytes: &[u8]) -> Result<Self> {
        let mut machine = Machine {
            bytes,
            at: 0,
            values: Vec::new(),
            stack: Vec::new(),
            marks: Vec::new(),
            memo: HashMap::new(),
            pairs: bytes.len(),
        };
        loop {
            let at = machine.at;
            if machine.values.len() > MOST {
                let expected = format!("a pickle of {MOST} values at most");
                return Err(Error::value(origin, expected, "one of more"));
            }
            match machine.step() {
                Some(Step::On) => {}
                Some(Step::Done(root)) => {
                    return Ok(Self {
                        values: machine.values,
                        root,
                        length: machine.at,
                    });
                }
                Some(Step::Unknown(code)) => {
                    let got = format!("one with the unknown instruction {code:#04x} at byte {at}");
                    return Err(Error::value(origin, "a pickle of a state dict", got));
                }
                None => {
                    let got = format!("damaged or truncated at byte {at}");
                    return Err(Error::value(origin, "a complete pickle", got));
                }
            }
        }
    }

    pub(super) fn root(&self) -> Id {
        self.root
    }

    pub(super) fn get(&self, id: Id) -> &Value {
        self.values.get(id).unwrap_or(&Value::Other)
    }

    pub(super) fn values(&self) -> &[Value] {
        &self.values
    }

    pub(super) fn text(&self, id: Id) -> Option<&str> {
        text(&self.values, id)
    }

    pub(super) fn size(&self, id: Id) -> Option<usize> {
        match self.get(id) {
            Value::Int(value) => usize::try_from(*value).ok(),
            _ => None,
        }
    }

    pub(super) fn class(&self, id: Id) -> Option<(&str, &str)> {
        match *self.get(id) {
            Value::Class(module, name) => Some((self.text(module)?, self.text(name)?)),
            _ => None,
        }
    }

    /// Returns the parts of a tuple or a list.
    pub(super) fn parts(&self, id: Id) -> Option<&[Id]> {
        match self.get(id) {
            Value::Tuple(parts) | Value::List(parts) => Some(parts),
            _ => None,
        }
    }
}

fn text(values: &[Value], id: Id) -> Option<&str> {
    match values.get(id) {
        Some(Value::Text(text)) => Some(text),
        _ => None,
    }
}

enum Step {
    On,
    Done(Id),
    Unknown(u8),
}

struct Machine<'a> {
    bytes: &'a [u8],
    at: usize,
    values: Vec<Value>,
    stack: Vec<Id>,
    /// How high the stack was at every open mark.
    marks: Vec<usize>,
    memo: HashMap<u64, Id>,
    /// How many pairs may still become dictionaries by calls; every one of them takes a byte at least.
    pairs: usize,
}

impl<'a> Machine<'a> {
    fn take(&mut self, count: u64) -> Option<&'a [u8]> {
        let end = self.at.checked_add(usize::try_from(count).ok()?)?;
        let taken = self.bytes.get(self.at..end)?;
        self.at = end;
        Some(taken)
    }

    fn number(&mut self, size: u64) -> Option<u64> {
        self.take(size).map(whole)
    }

    /// Reads a whole number with a sign; none that matters has more than 64 bits.
    fn long(&mut self, size: u64) -> Option<Step> {
        let bytes = self.take(size)?;
        if size > 8 {
            return self.push(Value::Other);
        }
        let filled = if bytes.last().is_some_and(|byte| byte & 0x80 != 0) {
            -1_i64
        } else {
            0
        };
        let all = bytes.iter().rev();
        let value = all.fold(filled, |a, &b| a << 8 | i64::from(b));
        self.push(Value::Int(value))
    }

    fn line(&mut self) -> Option<String> {
        let rest = self.bytes.get(self.at..)?;
        let end = rest.iter().position(|&byte| byte == b'\n')?;
        self.at += end + 1;
        Some(String::from_utf8_lossy(&rest[..end]).trim_end().to_owned())
    }

    fn text(&mut self, count: u64) -> Option<Step> {
        let bytes = self.take(count)?;
        let text = String::from_utf8_lossy(bytes).into_owned();
        self.push(Value::Text(text))
    }

    fn skip(&mut self, size: u64) -> Option<Step> {
        let count = self.number(size)?;
        self.take(count)?;
        self.push(Value::Other)
    }

    fn note(&mut self, value: Value) -> Id {
        self.values.push(value);
        self.values.len() - 1
    }

    #[expect(clippy::unnecessary_wraps, reason = "the last thing in many steps")]
    fn push(&mut self, value: Value) -> Option<Step> {
        let id = self.note(value);
        self.stack.push(id);
        Some(Step::On)
    }

    fn pop(&mut self) -> Option<Id> {
        let floor = self.marks.last().copied().unwrap_or(0);
        if self.stack.len() <= floor {
            return None;
        }
        self.stack.pop()
    }

    fn pop_to_mark(&mut self) -> Option<Vec<Id>> {
        let mark = self.marks.pop()?;
        (mark <= self.stack.len()).then(|| self.stack.split_off(mark))
    }

    fn last(&mut self) -> Option<&mut Value> {
        let last = *self.stack.last()?;
        self.values.get_mut(last)
    }

    fn tuple(&mut self, count: usize) -> Option<Step> {
        let mut parts = Vec::with_capacity(count);
        for _ in 0..count {
            parts.push(self.pop()?);
        }
        parts.reverse();
        self.push(Value::Tuple(parts))
    }

    fn add_pairs(&mut self, items: &[Id]) -> Option<Step> {
        if let Value::Dict(pairs) = self.last()? {
            pairs.extend(items.chunks_exact(2).map(|pair| (pair[0], pair[1])));
        }
        Some(Step::On)
    }

    fn add_items(&mut self, items: &[Id]) -> Option<Step> {
        if let Value::List(list) = self.last()? {
            list.extend(items);
        }
        Some(Step::On)
    }

    fn remember(&mut self, key: u64) -> Option<Step> {
        self.memo.insert(key, *self.stack.last()?);
        Some(Step::On)
    }

    fn recall(&mut self, size: u64) -> Option<Step> {
        let key = self.number(size)?;
        self.stack.push(*self.memo.get(&key)?);
        Some(Step::On)
    }

    /// A call, unless it makes a dictionary.
    fn call(&mut self) -> Option<Step> {
        let (arguments, callable) = (self.pop()?, self.pop()?);
        let class = match *self.values.get(callable)? {
            Value::Class(module, name) => text(&self.values, module).zip(text(&self.values, name)),
            _ => None,
        };
        let made = match class {
            Some(("collections", "OrderedDict" | "defaultdict")) => {
                Value::Dict(self.pairs(arguments)?)
            }
            _ => Value::Call(callable, arguments),
        };
        self.push(made)
    }

    /// The pairs that Python 2 gives a dictionary as its argument, the first or the one behind what makes missing values.
    fn pairs(&mut self, arguments: Id) -> Option<Vec<(Id, Id)>> {
        let parts = |id: Id| match self.values.get(id) {
            Some(Value::Tuple(parts) | Value::List(parts)) => parts.as_slice(),
            _ => &[],
        };
        let items = parts(arguments).iter().take(2);
        let items = items.flat_map(|&items| parts(items)).take(self.pairs + 1);
        let items: Vec<Id> = items.copied().collect();
        let pairs = items.iter().map(|&item| parts(item));
        let pairs = pairs.filter_map(|pair| Some((*pair.first()?, *pair.get(1)?)));
        let pairs = pairs.collect();
        self.pairs = self.pairs.checked_sub(items.len())?;
        Some(pairs)
    }

    /// Gives an object its state, of which only that it was given matters.
    fn build(&mut self) -> Option<Step> {
        self.pop()?;
        if let Value::Call(class, _) = *self.last()? {
            *self.last()? = Value::Object(class);
        }
        Some(Step::On)
    }

    /// Follows one instruction; `None` if it asks for what is not there.
    fn step(&mut self) -> Option<Step> {
        let code = self.number(1)? as u8;
        match code {
            // Version and frames say nothing about the content.
            0x80 => self.take(1).map(|_| Step::On),
            0x95 => self.take(8).map(|_| Step::On),
            b'.' => self.pop().map(Step::Done),
            b'(' => {
                self.marks.push(self.stack.len());
                Some(Step::On)
            }
            b'0' => self.pop().map(|_| Step::On),
            b'1' => self.pop_to_mark().map(|_| Step::On),
            b'2' => {
                self.stack.push(*self.stack.last()?);
                Some(Step::On)
            }
            b'c' => {
                let (module, name) = (self.line()?, self.line()?);
                let module = self.note(Value::Text(module));
                let name = self.note(Value::Text(name));
                self.push(Value::Class(module, name))
            }
            0x93 => {
                let (name, module) = (self.pop()?, self.pop()?);
                text(&self.values, module)?;
                text(&self.values, name)?;
                self.push(Value::Class(module, name))
            }
            b')' => self.push(Value::Tuple(Vec::new())),
            0x85..=0x87 => self.tuple(usize::from(code - 0x84)),
            b't' => {
                let parts = self.pop_to_mark()?;
                self.push(Value::Tuple(parts))
            }
            b']' => self.push(Value::List(Vec::new())),
            b'l' => {
                let parts = self.pop_to_mark()?;
                self.push(Value::List(parts))
            }
            b'a' => {
                let item = self.pop()?;
                self.add_items(&[item])
            }
            b'e' => {
                let items = self.pop_to_mark()?;
                self.add_items(&items)
            }
            b'}' => self.push(Value::Dict(Vec::new())),
            b'd' => {
                let items = self.pop_to_mark()?;
                self.push(Value::Dict(Vec::new()))?;
                self.add_pairs(&items)
            }
            b's' => {
                let (value, key) = (self.pop()?, self.pop()?);
                self.add_pairs(&[key, value])
            }
            b'u' => {
                let items = self.pop_to_mark()?;
                self.add_pairs(&items)
            }
            0x90 => self.pop_to_mark().map(|_| Step::On),
            0x91 => {
                self.pop_to_mark()?;
                self.push(Value::Other)
            }
            b'q' => {
                let key = self.number(1)?;
                self.remember(key)
            }
            b'r' => {
                let key = self.number(4)?;
                self.remember(key)
            }
            0x94 => self.remember(self.memo.len() as u64),
            b'h' => self.recall(1),
            b'j' => self.recall(4),
            b'R' | 0x81 => self.call(),
            0x92 => {
                self.pop()?;
                self.call()
            }
            b'b' => self.build(),
            b'Q' => {
                let what = self.pop()?;
                self.push(Value::Outside(what))
            }
            _ => self.constant(code),
        }
    }

    /// Values that hold no others.
    fn constant(&mut self, code: u8) -> Option<Step> {
        match code {
            b'N' | 0x8f => self.push(Value::Other),
            0x88 => self.push(Value::Bool(true)),
            0x89 => self.push(Value::Bool(false)),
            b'K' => self.whole(1),
            b'M' => self.whole(2),
            b'J' => {
                let value = self.number(4)? as u32 as i32;
                self.push(Value::Int(value.into()))
            }
            0x8a | 0x8b => {
                let size = self.number(if code == 0x8a { 1 } else { 4 })?;
                self.long(size)
            }
            b'G' => {
                self.take(8)?;
                self.push(Value::Other)
            }
            b'X' | b'T' => {
                let count = self.number(4)?;
                self.text(count)
            }
            0x8c | b'U' => {
                let count = self.number(1)?;
                self.text(count)
            }
            0x8d => {
                let count = self.number(8)?;
                self.text(count)
            }
            b'B' => self.skip(4),
            b'C' => self.skip(1),
            0x8e | 0x96 => self.skip(8),
            code => Some(Step::Unknown(code)),
        }
    }

    fn whole(&mut self, size: u64) -> Option<Step> {
        let value = self.number(size)?;
        self.push(Value::Int(value as i64))
    }
}
