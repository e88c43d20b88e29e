#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
use proptest::prelude::*;

use super::*;

const LINES: &str = "path\texample.org/harbor\nmod\texample.org/harbor\t(devel)\t\ndep\tgolang.org/x/net\tv0.17.0\th1:x=\n\
                     dep\told.org/a\tv1.0.0\n=>\tnew.org/a\tv1.0.1\th1:y=\ndep\tlocal.org/b\tv2.0.0\n=>\t./b\t\n";

fn marked() -> Vec<u8> {
    [&[7u8; 16][..], LINES.as_bytes(), &[9; 16]].concat()
}

/// A 64-bit little-endian ELF file with one data segment at address 0x1000 and, unless stripped, the section.
fn elf(payload: &[u8], stripped: bool) -> Vec<u8> {
    let mut out = vec![0u8; 64 + 56];
    out[..6].copy_from_slice(b"\x7fELF\x02\x01");
    let data = out.len().next_multiple_of(16);
    out.resize(data, 0);
    out.extend_from_slice(payload);
    let put = |out: &mut Vec<u8>, at: usize, bytes: &[u8]| out[at..at + bytes.len()].copy_from_slice(bytes);
    put(&mut out, 0x20, &64u64.to_le_bytes());
    put(&mut out, 0x36, &56u16.to_le_bytes());
    put(&mut out, 0x38, &1u16.to_le_bytes());
    put(&mut out, 64, &1u32.to_le_bytes());
    put(&mut out, 68, &6u32.to_le_bytes());
    put(&mut out, 72, &(data as u64).to_le_bytes());
    put(&mut out, 80, &0x1000u64.to_le_bytes());
    put(&mut out, 96, &(payload.len() as u64).to_le_bytes());
    if stripped {
        return out;
    }
    let names = out.len();
    out.extend_from_slice(b"\0.go.buildinfo\0");
    let table = out.len();
    out.resize(table + 3 * 64, 0);
    for (index, name, at, len) in [(1, 1u32, data, payload.len()), (2, 0, names, 15)] {
        let header = table + index * 64;
        put(&mut out, header, &name.to_le_bytes());
        put(&mut out, header + 24, &(at as u64).to_le_bytes());
        put(&mut out, header + 32, &(len as u64).to_le_bytes());
    }
    put(&mut out, 0x28, &(table as u64).to_le_bytes());
    put(&mut out, 0x3a, &64u16.to_le_bytes());
    put(&mut out, 0x3c, &3u16.to_le_bytes());
    put(&mut out, 0x3e, &2u16.to_le_bytes());
    out
}

fn varint(mut n: usize) -> Vec<u8> {
    let mut out = Vec::new();
    while n > 0x7f {
        out.push((n & 0x7f) as u8 | 0x80);
        n >>= 7;
    }
    out.push(n as u8);
    out
}

fn inline_payload() -> Vec<u8> {
    let mut out = MAGIC.to_vec();
    out.extend([8, 2]);
    out.resize(32, 0);
    for text in [&b"go1.22.1 X:boringcrypto"[..], &marked()] {
        out.extend(varint(text.len()));
        out.extend_from_slice(text);
    }
    out
}

fn pointer_payload() -> Vec<u8> {
    let (version, modules) = (b"go1.16.3", marked());
    let mut out = MAGIC.to_vec();
    out.extend([8, 0]);
    for n in [0x1020u64, 0x1030, 0x1040, version.len() as u64, 0x1048, modules.len() as u64] {
        out.extend(n.to_le_bytes());
    }
    out.extend_from_slice(version);
    out.extend(modules);
    out
}

fn expected() -> Vec<(String, Option<String>)> {
    let some = |n: &str, v: Option<&str>| (n.to_owned(), v.map(str::to_owned));
    vec![
        some("example.org/harbor", None),
        some("golang.org/x/net", Some("v0.17.0")),
        some("new.org/a", Some("v1.0.1")),
        some("local.org/b", None),
    ]
}

#[test]
fn both_forms_with_and_without_sections() {
    for (payload, version, stdlib) in [(inline_payload(), "go1.22.1 X:boringcrypto", "1.22.1"), (pointer_payload(), "go1.16.3", "1.16.3")] {
        for stripped in [false, true] {
            let info = go_build_info(&elf(&payload, stripped)).unwrap();
            assert_eq!(info.go_version, version);
            assert_eq!(info.modules, expected());
            assert_eq!(info.components("x")[0].version.as_deref(), Some(stdlib));
        }
    }
    assert_eq!(go_build_info(b"#!/bin/sh\n"), None);
    assert_eq!(go_build_info(&elf(b"no mark", false)), None);
}

proptest! {
    #[test]
    fn no_panic_on_any_bytes(edits in prop::collection::vec((0usize..700, any::<u8>()), 0..12), cut in 0usize..900, pointer: bool, stripped: bool) {
        let mut bytes = elf(&if pointer { pointer_payload() } else { inline_payload() }, stripped);
        for (at, byte) in edits {
            if let Some(slot) = bytes.get_mut(at) {
                *slot = byte;
            }
        }
        let _ = go_build_info(&bytes);
        let _ = go_build_info(bytes.get(..cut).unwrap_or_default());
    }
}
