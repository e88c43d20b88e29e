#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use proptest::prelude::*;
use seaworthy_testing::rpm::{Value, blob, marked, package, raw_blob};

use super::*;

const NULL: u32 = 0;
const INT32: u32 = 4;
const STRING: u32 = 6;
const BIN: u32 = 7;
const STRING_ARRAY: u32 = 8;
const I18N: u32 = 9;
const LIMIT: usize = 100;

fn strings(all: &[&str]) -> Value {
    Value::Strings(all.iter().map(|s| s.as_bytes().to_vec()).collect())
}

/// Headers that are refused as a whole. Where the three readers before this one disagreed, the strictest was right.
#[test]
fn a_header_is_whole_or_refused() {
    let store = b"name\0\0\0\0\x01\0\0\0\x02no end";
    let lengths = |entries: u32, store: u32| [entries.to_be_bytes(), store.to_be_bytes()].concat();
    let mut many = vec![[1, BIN, 0, store.len() as u32]; 2 + 4096 / store.len()];
    many.push([7, BIN, 0, store.len() as u32]);
    for (what, bytes, expected) in [
        ("no lengths", vec![0; 7], "it needs 8 bytes, 7 are there"),
        ("no entry", raw_blob(&[], store), "claims 0 index entries"),
        ("more entries than rpm allows", lengths(0x10000, 0), "claims 65536 index entries"),
        ("a store of more than 64 MiB", lengths(1, (64 << 20) + 1), "a store of 67108865 bytes"),
        ("the largest lengths", vec![0xff; 64], "claims 4294967295 index entries"),
        ("a store that is not there", [lengths(1, 100), vec![0; 16]].concat(), "it needs 124 bytes, 24 are there"),
        ("a type that nobody knows", raw_blob(&[[1, 10, 0, 1]], store), "tag 1, byte 0 of its store, a value of the unknown type 10"),
        (
            "a value behind the store",
            raw_blob(&[[1, NULL, 20, 0]], store),
            "tag 1, byte 20 of its store, a value that reaches past the end",
        ),
        ("numbers of which one is cut off", raw_blob(&[[1, INT32, 9, 3]], store), "past the end of the store"),
        ("more numbers than any file has", raw_blob(&[[1, 5, 0, u32::MAX]], store), "past the end of the store"),
        ("a string without its end", raw_blob(&[[1, STRING, 13, 1]], store), "past the end of the store"),
        ("a string without its end that says it is none", raw_blob(&[[1, STRING, 13, 0]], store), "past the end of the store"),
        ("strings of which the last has no end", raw_blob(&[[1, STRING_ARRAY, 0, 9]], store), "past the end of the store"),
        ("a text of which the last has no end", raw_blob(&[[1, I18N, 0, u32::MAX]], store), "past the end of the store"),
        ("values that share their bytes", raw_blob(&many, store), "tag 7, byte 0 of its store, a value that overlaps others"),
    ] {
        let error = Header::from_blob(&bytes).map(drop).unwrap_err().to_string();
        assert!(error.contains(expected), "{what}: {error}");
    }
}

/// Values of another type than is asked for. A reader that took such a value as missing would judge another package than rpm installs.
#[test]
fn a_value_that_is_not_what_is_expected_is_no_missing_value() {
    let bytes = blob(&[
        (1, Value::Bin(b"1".to_vec())),
        (2, Value::Int32(vec![1, 2, 3])),
        (3, strings(&["a", "b", "c"])),
        (1003, Value::Int64(vec![1 << 32])),
    ]);
    let header = Header::from_blob(&bytes).unwrap();
    let numbers = |tag, limit| header.numbers(Tag(tag), limit).map(drop);
    let strings = |tag, limit| header.strings(Tag(tag), limit).map(drop);
    for (found, expected) in [
        (numbers(1, 9), "has at tag 1, byte 0 of its store, a value of type BIN where a number is expected"),
        (numbers(3, 9), "has at tag 3, byte 16 of its store, a value of type STRING_ARRAY where a number is expected"),
        (numbers(2, 2), "has at tag 2, byte 4 of its store, 3 values; at most 2 are read"),
        (strings(2, 9), "has at tag 2, byte 4 of its store, a value of type INT32 where a string is expected"),
        (strings(3, 2), "has at tag 3, byte 16 of its store, 3 values; at most 2 are read"),
        (header.string(Tag(1)).map(drop), "has at tag 1, byte 0 of its store, a value of type BIN where a string is expected"),
        (header.number(Tag(3)).map(drop), "has at tag 3, byte 16 of its store, a value of type STRING_ARRAY where a number is expected"),
        (header.binary(Tag(2)).map(drop), "has at tag 2, byte 4 of its store, a value of type INT32 where a value of bytes is expected"),
        (header.required(Tag(4), "name").map(drop), "has no name (tag 4)"),
        (header.epoch().map(drop), "has a wrong value at tag 1003: the epoch 4294967296 is too large"),
    ] {
        assert_eq!(found.unwrap_err().to_string(), expected);
    }
    assert_eq!((header.numbers(Tag(4), 0).unwrap(), header.strings(Tag(4), 0).unwrap()), (vec![], vec![]));
    assert_eq!((header.number(Tag(4)).unwrap(), header.string(Tag(4)).unwrap(), header.binary(Tag(4)).unwrap()), (None, None, None));
}

/// The first of several entries of a tag counts, since the others are not in the region that is signed.
#[test]
fn values_are_what_was_written() {
    let bytes = blob(&[
        (1, Value::Int8(vec![255])),
        (2, Value::Int16(vec![1, 65_535])),
        (3, Value::Int32(vec![0, u32::MAX])),
        (4, Value::Int64(vec![u64::MAX])),
        (5, Value::String(b"one".to_vec())),
        (6, Value::Bin(vec![0, 1])),
        (7, strings(&["", "b", ""])),
        (8, Value::I18n(vec![b"plain".to_vec(), b"fran\xe7ais".to_vec()])),
        (5, Value::String(b"two".to_vec())),
        (1003, Value::Int32(vec![2])),
    ]);
    let header = Header::from_blob(&bytes).unwrap();
    let numbers: Vec<Vec<u64>> = (1..5).map(|tag| header.numbers(Tag(tag), LIMIT).unwrap()).collect();
    assert_eq!(numbers, [vec![255], vec![1, 65_535], vec![0, u64::from(u32::MAX)], vec![u64::MAX]]);
    assert_eq!((header.string(Tag(5)).unwrap().unwrap(), header.binary(Tag(6)).unwrap().unwrap()), ("one".to_owned(), &[0, 1][..]));
    assert_eq!(header.strings(Tag(7), LIMIT).unwrap(), [&b""[..], b"b", b""]);
    assert_eq!(header.string(Tag(7)).unwrap().unwrap(), "");
    assert_eq!(header.strings(Tag(8), LIMIT).unwrap().into_iter().map(text).collect::<Vec<_>>(), ["plain", "français"]);
    assert_eq!((header.epoch().unwrap(), header.tags().count()), (2, 10));
}

/// Values that take several tags together.
#[test]
fn lists_that_belong_together_are_equally_long() {
    let limits = Limits { files: 2, entries: 2, paths: 30, ..Limits::default() };
    let paths = |header: &Header<'_>| header.paths(&limits).map(|p| p.join(" "));
    let changes = |header: &Header<'_>| header.changelog(2).map(|all| all.map(|c| c.author + ": " + &c.text).collect::<Vec<_>>().join(" "));
    let provides = |header: &Header<'_>| {
        let found = header.dependencies(DependencyTags::PROVIDES, 2)?;
        Ok(found.iter().map(|d| format!("{} {} {}", text(d.name), d.flags, text(d.version))).collect::<Vec<_>>().join(", "))
    };
    type Ask<'a> = &'a dyn Fn(&Header<'_>) -> Result<String, HeaderError>;
    type Row<'a> = (Ask<'a>, Vec<(u32, Value)>, Result<&'a str, &'a str>);
    let number = |all: &[u32]| Value::Int32(all.to_vec());
    let long = "/".to_owned() + &"d".repeat(4094) + "/";
    let rows: [Row<'_>; 16] = [
        (&paths, vec![(1, number(&[]))], Ok("")),
        (&paths, vec![(1117, strings(&["a", "b"])), (1116, number(&[1, 0])), (1118, strings(&["/", "/usr/"]))], Ok("/usr/a /b")),
        (&paths, vec![(1027, strings(&["/old/a", "/old/b"]))], Ok("/old/a /old/b")),
        (
            &paths,
            vec![(1117, strings(&["a", "b"])), (1116, number(&[0])), (1118, strings(&["/"]))],
            Err("2 values at tag 1117 and 1 at tag 1116"),
        ),
        (&paths, vec![(1117, strings(&["a"])), (1116, number(&[1])), (1118, strings(&["/"]))], Err("folder number 1 of 1")),
        (&paths, vec![(1117, strings(&["a"])), (1116, number(&[0])), (1118, strings(&[&long]))], Err("a path of 4097 bytes")),
        (
            &paths,
            vec![(1117, strings(&["a", "a"])), (1116, number(&[0, 0])), (1118, strings(&["/sixteen/letters/"]))],
            Err("36 bytes of paths"),
        ),
        (&paths, vec![(1117, strings(&["a", "b", "c"]))], Err("3 values; at most 2 are read")),
        (&changes, vec![(1080, number(&[5])), (1081, strings(&["A"])), (1082, strings(&["b"]))], Ok("A: b")),
        (
            &changes,
            vec![(1080, number(&[5])), (1081, strings(&["A", "B"])), (1082, strings(&["b"]))],
            Err("1 values at tag 1080 and 2 at tag 1081"),
        ),
        (&changes, vec![(1080, number(&[5])), (1081, strings(&["A"]))], Err("1 values at tag 1080 and 0 at tag 1082")),
        (&changes, vec![(1080, number(&[5, 6, 7]))], Err("3 values; at most 2 are read")),
        (&provides, vec![(1047, strings(&["a", "b"])), (1112, number(&[8, 0])), (1113, strings(&["1", ""]))], Ok("a 8 1, b 0 ")),
        (&provides, vec![(1047, strings(&["a", "b"]))], Ok("a 0 , b 0 ")),
        (&provides, vec![(1047, strings(&["a", "b"])), (1113, strings(&["1", ""]))], Err("2 values at tag 1047 and 0 at tag 1112")),
        (
            &provides,
            vec![(1047, strings(&["a"])), (1112, number(&[8])), (1113, strings(&["1", "2"]))],
            Err("1 values at tag 1047 and 2 at tag 1113"),
        ),
    ];
    for (ask, values, expected) in rows {
        let bytes = blob(&values);
        match (ask(&Header::from_blob(&bytes).unwrap()), expected) {
            (Ok(found), Ok(expected)) => assert_eq!(found, expected),
            (Err(found), Err(expected)) => assert!(found.to_string().contains(expected), "{found}"),
            (found, expected) => panic!("{found:?} where {expected:?} is expected"),
        }
    }
}

/// The front of a package file, and the byte at which a damaged one is refused.
#[test]
fn the_front_of_a_package_is_whole_or_refused() {
    // 53 bytes, so that 3 bytes of padding follow.
    let signature = blob(&[(273, Value::String(b"12345678901234567890".to_vec()))]);
    let header = blob(&[(1000, Value::String(b"a".to_vec()))]);
    let good = package(&signature, &header, b"payload");
    let read = |bytes: &[u8], limit| Headers::read(&mut &*bytes, limit);
    let found = read(&good, 1000).unwrap();
    assert_eq!((found.place.clone(), &good[found.place.end as usize..]), (152..186, &b"payload"[..]));
    assert_eq!(found.header.required(Tag::NAME, "name").unwrap(), "a");
    assert_eq!(found.signature.string(Tag::SIGNATURE_SHA256).unwrap().unwrap().len(), 20);
    let altered = |at: usize| {
        let mut bytes = good.clone();
        bytes[at] ^= 1;
        bytes
    };
    for (what, bytes, limit, expected) in [
        ("nothing", vec![], 1000, "not an RPM package: it is shorter than a lead of 96 bytes"),
        ("half a lead", good[..95].to_vec(), 1000, "shorter than a lead"),
        ("another mark", altered(0), 1000, "does not start with the mark of a lead"),
        ("no signature header", good[..96].to_vec(), 1000, "the signature header at byte 96 is cut short: it needs 16 bytes, 0 are there"),
        (
            "another mark of the signature header",
            altered(96),
            1000,
            "the signature header at byte 96 does not start with the mark of a header",
        ),
        ("half a store", good[..140].to_vec(), 1000, "the signature header at byte 96 is cut short"),
        ("no padding", good[..150].to_vec(), 1000, "the signature header at byte 96 is cut short"),
        ("no header", good[..152].to_vec(), 1000, "the header at byte 152 is cut short: it needs 16 bytes, 0 are there"),
        ("another version of the header", altered(155), 1000, "the header at byte 152 does not start with the mark of a header"),
        ("half an index", good[..180].to_vec(), 1000, "the header at byte 152 is cut short: it needs 16 bytes, 12 are there"),
        ("more than is allowed", good.clone(), 36, "the signature header at byte 96 claims 1 index entries and a store of 21 bytes"),
    ] {
        let error = read(&bytes, limit).map(drop).unwrap_err().to_string();
        assert!(error.contains(expected), "{what}: {error}");
    }
}

fn value() -> impl Strategy<Value = Value> {
    let plain = || prop::collection::vec(1u8..=255, 0..12);
    prop_oneof![
        prop::collection::vec(any::<u8>(), 0..9).prop_map(Value::Int8),
        prop::collection::vec(any::<u16>(), 0..9).prop_map(Value::Int16),
        prop::collection::vec(any::<u32>(), 0..9).prop_map(Value::Int32),
        prop::collection::vec(any::<u64>(), 0..9).prop_map(Value::Int64),
        plain().prop_map(Value::String),
        prop::collection::vec(any::<u8>(), 0..30).prop_map(Value::Bin),
        prop::collection::vec(plain(), 0..9).prop_map(Value::Strings),
        prop::collection::vec(plain(), 0..9).prop_map(Value::I18n),
    ]
}

/// Whether an accessor gives the written value, and the accessors of other types give errors.
fn gives(header: &Header<'_>, tag: Tag, value: &Value) -> bool {
    let numbers = |all: Vec<u64>| header.numbers(tag, LIMIT).is_ok_and(|found| found == all) && header.strings(tag, LIMIT).is_err();
    let strings = |all: &[Vec<u8>]| header.strings(tag, LIMIT).is_ok_and(|found| found == all) && header.binary(tag).is_err();
    match value {
        Value::Int8(all) => numbers(all.iter().map(|n| u64::from(*n)).collect()),
        Value::Int16(all) => numbers(all.iter().map(|n| u64::from(*n)).collect()),
        Value::Int32(all) => numbers(all.iter().map(|n| u64::from(*n)).collect()),
        Value::Int64(all) => numbers(all.clone()),
        Value::String(one) => strings(std::slice::from_ref(one)),
        Value::Strings(all) | Value::I18n(all) => strings(all),
        Value::Bin(all) => header.binary(tag).is_ok_and(|found| found == Some(all.as_slice())) && header.numbers(tag, LIMIT).is_err(),
    }
}

/// Calls every accessor for every tag. The values lie in the store, so that there are never more than its bytes.
fn ask_all(header: &Header<'_>, store: usize) -> Result<(), TestCaseError> {
    for tag in header.tags() {
        let _ = (header.number(tag), header.string(tag), header.binary(tag));
        prop_assert!(header.numbers(tag, usize::MAX).map_or(0, |all| all.len()) <= store);
        prop_assert!(header.strings(tag, usize::MAX).map_or(0, |all| all.iter().map(|s| s.len() + 1).sum()) <= store);
    }
    let limits = Limits { files: 50, entries: 50, paths: 500, ..Limits::default() };
    prop_assert!(header.paths(&limits).map_or(0, |all| all.len()) <= 50);
    let _ = (header.changelog(50).map(|all| all.count()), header.dependencies(DependencyTags::REQUIRES, 50), header.epoch());
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn any_values_are_read_as_they_were_written(values in prop::collection::btree_map(any::<u32>(), value(), 1..20)) {
        let values: Vec<(u32, Value)> = values.into_iter().collect();
        let bytes = blob(&values);
        let header = Header::from_blob(&bytes).unwrap();
        for (tag, value) in &values {
            prop_assert!(header.has(Tag(*tag)) && gives(&header, Tag(*tag), value), "{tag} {value:?}");
        }
        // The same as it stands in a file.
        let file = package(&bytes, &bytes, b"");
        let found = Headers::read(&mut file.as_slice(), file.len()).unwrap();
        prop_assert_eq!(found.place.end, file.len() as u64);
        for header in [&found.signature, &found.header] {
            prop_assert!(values.iter().all(|(tag, value)| gives(header, Tag(*tag), value)));
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused(
        entries in prop::collection::vec((prop_oneof![1000u32..1010, 1045u32..1120], 0u32..11, 0u32..80, 0u32..40), 0..12),
        store in prop::collection::vec(prop_oneof![Just(0u8), any::<u8>()], 0..80),
        edits in prop::collection::vec((0usize..300, any::<u8>()), 0..4),
        cut in 0usize..400,
    ) {
        let index: Vec<[u32; 4]> = entries.into_iter().map(|(tag, kind, offset, count)| [tag, kind, offset, count]).collect();
        let mut bytes = raw_blob(&index, &store);
        for (at, byte) in edits {
            let length = bytes.len();
            bytes[at % length] = byte;
        }
        bytes.truncate(cut);
        let read = Header::read(&mut marked(&bytes).as_slice(), usize::MAX);
        match Header::from_blob(&bytes) {
            Ok(header) => {
                ask_all(&header, bytes.len())?;
                prop_assert!(read.is_ok_and(|read| read.tags().eq(header.tags())));
            }
            Err(_) => prop_assert!(read.is_err()),
        }
    }
}
