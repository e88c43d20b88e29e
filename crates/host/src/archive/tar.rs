//! Reading a tar in memory, and making a `.tar.gz`.

use std::io::{self, Read as _};

/// A file in a tar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The path as in the tar.
    pub path: String,
    /// The position of the content in the tar, in bytes.
    pub at: u64,
    /// The size of the content in bytes.
    pub size: u64,
}

/// Calls `take` with each file of a tar in memory, in their order. A content of more than `most` bytes is not read, and given as `None`.
///
/// # Errors
/// When the bytes are no tar or break off.
pub fn each_member(tar: &[u8], most: u64, mut take: impl FnMut(Member, Option<&[u8]>)) -> io::Result<()> {
    let mut archive = tar::Archive::new(tar);
    let mut content = Vec::new();
    for entry in archive.entries()? {
        let entry = entry?;
        let path = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        let member = Member { path, at: entry.raw_file_position(), size: entry.size() };
        content.clear();
        if member.size > most {
            take(member, None);
            continue;
        }
        entry.take(most).read_to_end(&mut content)?;
        take(member, Some(&content));
    }
    Ok(())
}

/// A `.tar.gz` under construction: the same files in the same order give the same bytes.
pub struct TarGz(tar::Builder<flate2::write::GzEncoder<Vec<u8>>>);

impl Default for TarGz {
    fn default() -> Self {
        Self(tar::Builder::new(flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast())))
    }
}

impl TarGz {
    /// Adds a file with the mode 0644 and no time.
    ///
    /// # Errors
    /// When the path is not allowed in an archive.
    pub fn add(&mut self, path: &str, bytes: &[u8]) -> io::Result<()> {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        header.set_cksum();
        self.0.append_data(&mut header, path, bytes)
    }

    /// The packed bytes.
    ///
    /// # Errors
    /// When the packer fails, which it cannot in memory.
    pub fn finish(self) -> io::Result<Vec<u8>> {
        self.0.into_inner()?.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::super::unpack::unpacked;
    use super::*;

    #[test]
    fn a_tar_is_read_as_it_was_made() {
        let files = [("a/one.json", "{}".to_owned()), ("two", "x".repeat(2000)), ("empty", String::new())];
        let mut made = TarGz::default();
        for (path, text) in &files {
            made.add(path, text.as_bytes()).unwrap();
        }
        assert!(made.add("../up", b"").is_err());
        let packed = made.finish().unwrap();
        let tar = unpacked(&packed, 1 << 20).unwrap();
        let mut seen = Vec::new();
        each_member(&tar, 1000, |member, content| {
            let text = String::from_utf8(tar[member.at as usize..][..member.size as usize].to_vec()).unwrap();
            assert!(content.is_none_or(|content| content == text.as_bytes()));
            seen.push((member.path, content.is_some(), text));
        })
        .unwrap();
        let expected = files.map(|(path, text)| (path.to_owned(), text.len() <= 1000, text));
        assert_eq!(seen, expected);
        assert!(each_member(&tar[..700], 1000, |_, _| ()).is_err());
        assert!(each_member(&[b'x'; 1024], 1000, |_, _| ()).is_err());
    }
}
