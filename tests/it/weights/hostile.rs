//! Files that are damaged, or made to do harm.

use super::golden::{bytes, tensors};
use crate::chunk_tree::with_branches_that_meet;
use genolens::network::{Tensors, WeightFormat};
use genolens::random::Seed;
use proptest::prelude::*;

/// One file of every format and layout.
const FILES: [&str; 8] = [
    "beluga.pth",
    "bpnet.pth",
    "deepsea.pth",
    "kinds.pth",
    "small_2.h5",
    "small_3.weights.h5",
    "chunks.h5",
    "theano_1.h5",
];

fn refused(bytes: Vec<u8>) -> String {
    let problem = Tensors::from_bytes("FILE", bytes).map(|tensors| tensors.to_string());
    problem.unwrap_err().to_string()
}

/// Reads, and checks what an error looks like and that what was read is no larger than allowed.
fn read(bytes: Vec<u8>) -> bool {
    let size = bytes.len();
    match Tensors::from_bytes("FILE", bytes) {
        Ok(tensors) => {
            let count = |name: &&str| tensors.shape(name).unwrap().iter().product::<usize>();
            let numbers: usize = tensors.names().iter().map(count).sum();
            assert!(numbers <= (16 << 20) + 64 * size);
            true
        }
        Err(problem) => {
            let problem = problem.to_string();
            assert!(problem.contains("FILE"), "{problem}");
            assert_eq!(problem.lines().count(), 1, "{problem}");
            assert!(problem.len() < 1000, "{problem}");
            false
        }
    }
}

#[test]
fn chunks_in_a_tree_whose_branches_all_meet_again() {
    let bytes = with_branches_that_meet(bytes("chunks.h5"), 2);
    insta::assert_snapshot!(refused(bytes), @"`FILE: tensor deep/er/kernel` is damaged or truncated (HDF5 format error: byte source error: an index leads to the same places again and again), expected a complete HDF5 file");
}

#[test]
fn what_is_no_state_dict() {
    let problem = |name: &str| refused(bytes(name));
    insta::assert_snapshot!(problem("whole_model.pth"), @r#"`FILE` is a whole model: an object of `torch.nn.modules.linear.Linear`, which only its own code can read, expected a state dict, written by `torch.save(model.state_dict(), "weights.pth")` in Python"#);
    insta::assert_snapshot!(problem("whole_model_legacy.pth"), @r#"`FILE` is a whole model: an object of `torch.nn.modules.linear.Linear`, which only its own code can read, expected a state dict, written by `torch.save(model.state_dict(), "weights.pth")` in Python"#);
    insta::assert_snapshot!(problem("model_inside.pth"), @r#"`FILE` is a whole model: an object of `torch.nn.modules.linear.Linear`, which only its own code can read, expected a state dict, written by `torch.save(model.state_dict(), "weights.pth")` in Python"#);
    insta::assert_snapshot!(problem("script.pt"), @r#"`FILE` is a compiled TorchScript model, expected a state dict (`torch.save(torch.jit.load(path).state_dict(), "weights.pth")` in Python writes it)"#);
    insta::assert_snapshot!(problem("one_tensor.pth"), @r#"`FILE` is a single tensor, expected a state dict with names, written by `torch.save(model.state_dict(), "weights.pth")` in Python"#);
    insta::assert_snapshot!(problem("no_tensors.pth"), @r#"`FILE` is a dictionary of `epoch`, `name`, none a tensor or one state dict, expected a state dict, written by `torch.save(model.state_dict(), "weights.pth")` in Python"#);
    insta::assert_snapshot!(problem("sparse.pth"), @"`FILE: tensor sparse` is one made by `_rebuild_sparse_tensor`, expected a dense tensor of numbers");
    insta::assert_snapshot!(problem("complex.pth"), @"`FILE: tensor complex` is numbers of `ComplexFloatStorage`, expected a dense tensor of numbers");
    insta::assert_snapshot!(problem("small_3.keras"), @r#"`FILE` is a `.keras` archive, expected HDF5 (`model.save_weights("model.weights.h5")` in Python writes it)"#);
    insta::assert_snapshot!(problem("nothing.h5"), @r#"`FILE` is HDF5 without an array of numbers, expected HDF5 with weights, as `model.save_weights("model.weights.h5")` of Keras writes it"#);
    insta::assert_snapshot!(problem("huge.h5"), @"`FILE: tensor kernel` has shape (1073741824, 1073741824), expected one that fits a file of 1400 bytes, compressed 64 times at most");
}

#[test]
fn what_is_no_file_of_weights() {
    insta::assert_snapshot!(refused(Vec::new()), @"`FILE` is empty, expected a file of weights");
    insta::assert_snapshot!(refused(b"some text, long enough".to_vec()), @"`FILE` is 22 bytes that begin with 73 6f 6d 65 20 74 65 78, expected safetensors, a state dict of PyTorch (.pth, .pt), HDF5 of Keras (.h5) or a DeepBind parameter file");
    insta::assert_snapshot!(refused(b"version https://git-lfs.github.com/spec/v1\noid sha256:0".to_vec()), @"`FILE` is a pointer of Git LFS: the weights themselves were not downloaded, expected a file of weights (`git lfs pull` fetches it)");
    insta::assert_snapshot!(refused(b"\n<!DOCTYPE html><html>".to_vec()), @"`FILE` is a web page, perhaps saved in place of the file behind it, expected a file of weights");
    insta::assert_snapshot!(refused(b"\x1f\x8b\x08\0\0\0\0\0\0".to_vec()), @"`FILE` is compressed by gzip: unpack it first, expected a file of weights");
    insta::assert_snapshot!(refused(b"\x93NUMPY\x01\0".to_vec()), @"`FILE` is an array of numpy without a name, expected named tensors (`safetensors.numpy.save_file` in Python writes them)");
    insta::assert_snapshot!(refused(b"\x80\x04\x95\x10\0\0\0\0\0\0\0}\x94.".to_vec()), @r#"`FILE` is a pickle of Python objects, expected a state dict, written by `torch.save(model.state_dict(), "weights.pth")` in Python"#);
    insta::assert_snapshot!(Tensors::read("no/such/file.pth").unwrap_err(), @"cannot read no/such/file.pth: No such file or directory (os error 2)");
}

#[test]
fn truncated_files() {
    for name in FILES {
        let whole = bytes(name);
        let step = (whole.len() / 400).max(1);
        for cut in (0..whole.len()).step_by(step) {
            let complete = read(whole[..cut].to_vec());
            assert!(!complete || name.ends_with("h5"), "{name}, cut at {cut}");
        }
    }
    let legacy = bytes("deepsea.pth");
    insta::assert_snapshot!(refused(legacy[..legacy.len() - 4].to_vec()), @"`FILE` is damaged or truncated, expected a complete file");
    let zip = bytes("beluga.pth");
    insta::assert_snapshot!(refused(zip[..zip.len() - 4].to_vec()), @"`FILE` is 10777 bytes of a damaged or truncated one, expected a complete zip archive");
    let h5 = bytes("small_2.h5");
    let problem = refused(h5[..1000].to_vec());
    assert!(problem.contains("damaged or truncated ("), "{problem}");
    assert!(
        problem.ends_with("expected a complete HDF5 file"),
        "{problem}"
    );
}

/// More of them: `GENOLENS_FUZZ=100000 cargo test --test it weights::hostile::`.
#[test]
fn files_with_wrong_bytes() {
    let rounds = std::env::var("GENOLENS_FUZZ").ok();
    let rounds = rounds.map_or(300, |rounds| rounds.parse().unwrap());
    for (index, name) in FILES.into_iter().enumerate() {
        let whole = bytes(name);
        let mut draw = Seed::from(index as u64).generator();
        let mut draw = || draw.next_u32();
        for _ in 0..rounds {
            let mut bytes = whole.clone();
            for _ in 0..=draw() % 4 {
                let place = draw() as usize % bytes.len();
                bytes[place] = match draw() % 4 {
                    0 => 0,
                    1 => 255,
                    _ => draw() as u8,
                };
            }
            read(bytes);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_bytes(kind in 0_usize..6, random in proptest::collection::vec(any::<u8>(), 0..600)) {
        let starts: [&[u8]; 6] = [
            b"PK\x03\x04",
            b"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19\x2e",
            b"\x89HDF\r\n\x1a\n",
            b"# deepbind 0.1\n",
            b"\x40\0\0\0\0\0\0\0{",
            b"",
        ];
        read([starts[kind], &random].concat());
    }

    #[test]
    fn random_pickles(random in proptest::collection::vec(proptest::sample::select(
        b"\x80\x95.(012NK\x88\x89MJ\x8a\x8bGX\x8c\x8dBC\x8e\x96c\x93)\x85\x86\x87t]lae}dsu\x8f\x90\x91qr\x94hjR\x81\x92bQ\x01\x02\0\n".as_slice(),
    ), 0..200)) {
        read(archive(&[("a/data.pkl", &random)]));
    }
}

/// A zip archive of these members, stored as they are.
fn archive(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut list = Vec::new();
    for (name, bytes) in members {
        let size = (bytes.len() as u32).to_le_bytes();
        let start = (out.len() as u32).to_le_bytes();
        let length = (name.len() as u16).to_le_bytes();
        out.extend(
            [
                b"PK\x03\x04".as_slice(),
                &[0; 14],
                &size,
                &size,
                &length,
                &[0; 2],
            ]
            .concat(),
        );
        out.extend([name.as_bytes(), bytes].concat());
        list.extend(
            [
                b"PK\x01\x02".as_slice(),
                &[0; 16],
                &size,
                &size,
                &length,
                &[0; 12],
            ]
            .concat(),
        );
        list.extend([start.as_slice(), name.as_bytes()].concat());
    }
    let count = (members.len() as u16).to_le_bytes();
    let (size, start) = (
        (list.len() as u32).to_le_bytes(),
        (out.len() as u32).to_le_bytes(),
    );
    out.extend(list);
    out.extend(
        [
            b"PK\x05\x06".as_slice(),
            &[0; 4],
            &count,
            &count,
            &size,
            &start,
            &[0; 2],
        ]
        .concat(),
    );
    out
}

/// The pickle of a state dict with one tensor of this shape in a storage of 8 bytes; sizes are written as 8-byte numbers.
fn pickle(shape: &[i64], stride: i64) -> Vec<u8> {
    let long = |value: i64| [b"\x8a\x08".as_slice(), &value.to_le_bytes()].concat();
    let tuple = |values: &[Vec<u8>]| [b"(".as_slice(), &values.concat(), b"t"].concat();
    let text = |text: &str| {
        [
            b"X".as_slice(),
            &(text.len() as u32).to_le_bytes(),
            text.as_bytes(),
        ]
        .concat()
    };
    let storage = [
        b"(".to_vec(),
        text("storage"),
        b"ctorch\nFloatStorage\n".to_vec(),
        text("0"),
        text("cpu"),
        long(2),
        b"tQ".to_vec(),
    ];
    let shape: Vec<Vec<u8>> = shape.iter().map(|&size| long(size)).collect();
    let strides = vec![long(stride); shape.len()];
    [
        b"\x80\x02}".to_vec(),
        text("weight"),
        b"ctorch._utils\n_rebuild_tensor_v2\n(".to_vec(),
        storage.concat(),
        long(0),
        tuple(&shape),
        tuple(&strides),
        b"\x89}tRs.".to_vec(),
    ]
    .concat()
}

fn with_storage(pickle: &[u8]) -> Vec<u8> {
    archive(&[
        ("a/data.pkl", pickle),
        ("a/data/0", &[0, 0, 128, 63, 0, 0, 0, 64]),
    ])
}

#[test]
fn shapes_that_promise_too_much() {
    let good = Tensors::from_bytes("FILE", with_storage(&pickle(&[2], 1))).unwrap();
    assert_eq!(good.format(), WeightFormat::PyTorch);
    assert_eq!(
        good.array("weight").unwrap().into_raw_vec_and_offset().0,
        [1.0, 2.0]
    );
    let problem = |shape: &[i64], stride| refused(with_storage(&pickle(shape, stride)));
    insta::assert_snapshot!(problem(&[1 << 60], 1), @"`FILE: tensor weight` has shape (1152921504606846976), expected one that fits a file of 365 bytes, compressed 64 times at most");
    insta::assert_snapshot!(problem(&[1 << 40, 1 << 40], 0), @"`FILE: tensor weight` has shape (1099511627776, 1099511627776), expected one that fits a file of 385 bytes, compressed 64 times at most");
    insta::assert_snapshot!(problem(&[1 << 30], 0), @"`FILE: tensor weight` has shape (1073741824), expected one that fits a file of 365 bytes, compressed 64 times at most");
    insta::assert_snapshot!(problem(&[3], 1), @"`FILE: tensor weight` has shape (3), expected one that fits the 8 bytes it lies in");
    insta::assert_snapshot!(problem(&[2], i64::MAX), @"`FILE: tensor weight` has shape (2), expected one that fits the 8 bytes it lies in");
    insta::assert_snapshot!(problem(&[-1], 1), @"`FILE: tensor weight` is damaged, expected a dense tensor of numbers");
    // Nothing at all, in a shape whose strides are beyond all numbers.
    insta::assert_snapshot!(problem(&[0, 1 << 62, 1 << 62], 1), @"`FILE: tensor weight` has shape (0, 4611686018427387904, 4611686018427387904), expected one that fits a file of 405 bytes, compressed 64 times at most");
    insta::assert_snapshot!(problem(&[1 << 62, 1 << 62, 0], 1), @"`FILE: tensor weight` has shape (4611686018427387904, 4611686018427387904, 0), expected one that fits a file of 405 bytes, compressed 64 times at most");
    insta::assert_snapshot!(problem(&[1; 65], 1), @"`FILE: tensor weight` is damaged, expected a dense tensor of numbers");
    let header = br#"{"a":{"dtype":"F32","shape":[0,4611686018427387904,4],"data_offsets":[0,0]}}"#;
    let file = [&(header.len() as u64).to_le_bytes()[..], header].concat();
    insta::assert_snapshot!(refused(file), @"`FILE: tensor a` has shape (0, 4611686018427387904, 4), expected one that fits a file of 84 bytes, compressed 64 times at most");
    let header = format!(
        r#"{{"a":{{"dtype":"F32","shape":[{}1],"data_offsets":[0,4]}}}}"#,
        "1,".repeat(10_000)
    );
    let size = (header.len() as u64).to_le_bytes();
    let file = [&size[..], header.as_bytes(), &[0; 4]].concat();
    insta::assert_snapshot!(refused(file), @"`FILE: tensor a` is one of 10001, expected one of at most 64 axes");
    // The header of a safetensors file, too.
    let header = br#"{"a":{"dtype":"F32","shape":[1152921504606846976],"data_offsets":[0,4]}}"#;
    let file = [&(header.len() as u64).to_le_bytes()[..], header, &[0; 4]].concat();
    insta::assert_snapshot!(refused(file), @"`FILE` is 84 bytes that are not (overflow computing buffer size from shape and/or element type), expected a complete safetensors file");
}

/// Classic attacks on readers of pickles: calls, nesting without end, doubling, references to itself.
#[test]
fn pickles_that_would_do_harm() {
    let problem = |pickle: &[u8]| refused(with_storage(pickle));
    insta::assert_snapshot!(problem(b"\x80\x02cos\nsystem\nX\x09\0\0\0touch pwn\x85R."), @r#"`FILE` is a whole model: an object of `os.system`, which only its own code can read, expected a state dict, written by `torch.save(model.state_dict(), "weights.pth")` in Python"#);
    let deep = [b"\x80\x02)".as_slice(), &vec![0x85; 1 << 20], b"."].concat();
    insta::assert_snapshot!(problem(&deep), @r#"`FILE` is a pickle of something else, expected a state dict, written by `torch.save(model.state_dict(), "weights.pth")` in Python"#);
    let mut doubling = b"\x80\x02)q\0".to_vec();
    for _ in 0..200 {
        doubling.extend(b"h\0h\0\x86q\0");
    }
    doubling.push(b'.');
    insta::assert_snapshot!(problem(&doubling), @r#"`FILE` is a pickle of something else, expected a state dict, written by `torch.save(model.state_dict(), "weights.pth")` in Python"#);
    insta::assert_snapshot!(problem(b"\x80\x02}q\0X\x0a\0\0\0state_dicth\0s."), @r#"`FILE` is dictionaries in dictionaries, 4 deep, expected a state dict, written by `torch.save(model.state_dict(), "weights.pth")` in Python"#);
    insta::assert_snapshot!(problem(b"\x80\x02X\xff\xff\xff\xffa."), @"`FILE: a/data.pkl` is damaged or truncated at byte 2, expected a complete pickle");
    insta::assert_snapshot!(problem(b"\x80\x02\x8d\xff\xff\xff\xff\xff\xff\xff\xffa."), @"`FILE: a/data.pkl` is damaged or truncated at byte 2, expected a complete pickle");
    insta::assert_snapshot!(problem(b"\x80\x02I1\n."), @"`FILE: a/data.pkl` is one with the unknown instruction 0x49 at byte 2, expected a pickle of a state dict");
}

/// A text that is kept in the memory of a pickle.
fn kept(text: &[u8], place: u8) -> Vec<u8> {
    let size = (text.len() as u32).to_le_bytes();
    [b"X", &size[..], text, b"q", &[place]].concat()
}

/// Instructions of a few bytes that each would copy much of what the pickle said before.
#[test]
fn pickles_that_say_little_of_much() {
    let problem = |pickle: &[u8]| refused(with_storage(pickle));
    let long = vec![b'a'; 1 << 20];
    // One class, named again and again.
    let again = b"h\0h\0\x930".repeat(100_000);
    let classes = [b"\x80\x02", &kept(&long, 0)[..], &again, b"."].concat();
    insta::assert_snapshot!(problem(&classes), @r#"`FILE` is a pickle of something else, expected a state dict, written by `torch.save(model.state_dict(), "weights.pth")` in Python"#);
    // One tensor, under one long name.
    let tensor = pickle(&[2], 1);
    let call = &tensor[3 + 5 + 6..tensor.len() - 2];
    let again = b"h\0h\x01s".repeat(100_000);
    let start = [&kept(&long, 0)[..], call, b"q\x0100}"].concat();
    let names = [b"\x80\x02", &start[..], &again, b"."].concat();
    insta::assert_snapshot!(problem(&names), @"`FILE` is `aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa...`, expected names of at most 120 letters");
    // One list of pairs, made a dictionary again and again, or given many times at once.
    let start = b"\x80\x02ccollections\nOrderedDict\nq\0)q\x01h\x01\x86q\x02]q\x03(";
    let list = [&start[..], &b"h\x02".repeat(100_000), b"e\x85q\x04"].concat();
    let again = b"h\0h\x04R0".repeat(100_000);
    insta::assert_snapshot!(problem(&[&list[..], &again, b"."].concat()), @"`FILE: a/data.pkl` is damaged or truncated at byte 200097, expected a complete pickle");
    let many = b"h\x03".repeat(100_000);
    let given = [&list[..], b"h\0(", &many, b"tR."].concat();
    insta::assert_snapshot!(problem(&given), @r#"`FILE` is an empty dictionary, expected a state dict, written by `torch.save(model.state_dict(), "weights.pth")` in Python"#);
    // Storages with one long name.
    let storage = [&kept(&long, 0)[..], b"ctorch\nFloatStorage\nq\x01"].concat();
    let storage = [
        &storage[..],
        b"(NNh\0NNtq\x02h\x02Q)ctorch._utils\n_rebuild_tensor_v2\n",
    ]
    .concat();
    let storage = [&storage[..], b"(h\x02QK\0K\x01\x85K\x01\x85tR"].concat();
    let storage = [b"\x80\x02", &storage[..], b"q\x03}X\x01\0\0\0ah\x03s."].concat();
    insta::assert_snapshot!(problem(&storage), @"`FILE: tensor a` is damaged, expected a dense tensor of numbers");
}

/// HDF5 that says little of much, too.
#[test]
fn groups_in_many_places_and_chunks_of_nothing() {
    insta::assert_snapshot!(refused(bytes("ways.h5")), @"`FILE` is more, or some of them in each other, expected at most 200000 groups and arrays");
    insta::assert_snapshot!(refused(bytes("wide.h5")), @"`FILE: tensor kernel` is larger ones, expected chunks that fit a file of 786800 bytes");
}

#[test]
fn deepbind_of_long_words() {
    let word = "a".repeat(10_000);
    let file = format!("# deepbind 0.1\n{word} = 1\n{word} = 2\n");
    assert!(!read(file.into()));
}

#[test]
fn an_archive_of_many_entries_that_are_not_there() {
    let mut file = archive(&[("a/data.pkl", b"\x80\x02}.")]);
    let end = file.len() - 22;
    file[end + 8..end + 12].fill(0xFF);
    insta::assert_snapshot!(refused(file), @"`FILE` is 122 bytes of a damaged or truncated one, expected a complete zip archive");
    // All of it reads well without that.
    assert_eq!(tensors("bpnet.pth").len(), 12);
}
