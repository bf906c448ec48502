//! Where an HDF5 file keeps texts of any length.

use super::seekable::Seekable;
use super::store::broken;
use crate::{Error, Result};
use hdf5_pure::File;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

/// Bytes of the head of a collection, and of that of an object in it.
const HEAD: usize = 16;

/// Collections of texts ("global heap", HDF5 file format 4.0, III.E), each read once.
pub(crate) struct Heap<'a> {
    file: &'a Arc<Seekable>,
    base: u64,
    known: HashMap<u64, Collection>,
    /// Bytes that may still be read: together, collections and texts are no larger than the file.
    left: (u64, u64),
}

struct Collection {
    bytes: Vec<u8>,
    objects: HashMap<u32, Range<usize>>,
}

impl<'a> Heap<'a> {
    pub(crate) fn new(file: &'a Arc<Seekable>, opened: &File) -> Result<Self> {
        let head = opened.superblock();
        if head.offset_size != 8 || head.length_size != 8 {
            return Err(super::unsupported(
                file.path(),
                "texts of a file with addresses of less than 8 bytes",
            ));
        }
        Ok(Self {
            file,
            base: head.base_address.get(),
            known: HashMap::new(),
            left: (file.length(), file.length()),
        })
    }

    /// Returns the bytes that a reference of 16 bytes stands for: a length, where the collection is, and the number in it.
    pub(crate) fn bytes(&mut self, reference: &[u8]) -> Result<&[u8]> {
        let fail = |heap: &Self| Error::read(heap.file.path(), broken());
        let (Some(length), Some(address), Some(number)) =
            (word(reference, 0), long(reference, 4), word(reference, 12))
        else {
            return Err(fail(self));
        };
        if length == 0 || address == 0 {
            return Ok(&[]);
        }
        self.left.0 = self
            .left
            .0
            .checked_sub(u64::from(length))
            .ok_or_else(|| fail(self))?;
        if !self.known.contains_key(&address) {
            let collection = self.collection(address)?;
            self.known.insert(address, collection);
        }
        let found = self.known.get(&address).and_then(|collection| {
            let object = collection.objects.get(&number)?;
            collection.bytes.get(object.clone())?.get(..length as usize)
        });
        found.ok_or_else(|| Error::read(self.file.path(), broken()))
    }

    fn collection(&mut self, address: u64) -> Result<Collection> {
        let fail = || Error::read(self.file.path(), broken());
        let at = address.checked_add(self.base).ok_or_else(fail)?;
        let head = self.file.read(at, HEAD)?;
        let size =
            long(&head, 8).filter(|&size| head.starts_with(b"GCOL\x01") && size >= HEAD as u64);
        let end = size.and_then(|size| at.checked_add(size));
        let (Some(size), true) = (size, end.is_some_and(|end| end <= self.file.length())) else {
            return Err(fail());
        };
        self.left.1 = self.left.1.checked_sub(size).ok_or_else(fail)?;
        let bytes = self.file.read(at, size as usize)?;
        let (mut objects, mut at) = (HashMap::new(), HEAD);
        while let (Some(number), Some(length)) = (half(&bytes, at), long(&bytes, at + 8)) {
            // Number 0 is the free room at the end.
            let start = at + HEAD;
            let end = usize::try_from(length)
                .ok()
                .and_then(|length| start.checked_add(length));
            let Some(end) = end.filter(|&end| number != 0 && end <= bytes.len()) else {
                break;
            };
            objects.insert(u32::from(number), start..end);
            at = end.next_multiple_of(8);
        }
        Ok(Collection { bytes, objects })
    }
}

fn half(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

fn long(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}
