//! The names of what a header holds.

use std::fmt;

/// The number of a kind of value in a header. The same number stands for something else in a signature header.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tag(pub u32);

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "tag {}", self.0)
    }
}

/// Tags of a signature header.
impl Tag {
    /// The region: which entries were there when the header was made.
    pub const SIGNATURE_REGION: Self = Self(62);
    /// The signature over the header, of every algorithm but RSA (`RPMSIGTAG_DSA`).
    pub const SIGNATURE_DSA: Self = Self(267);
    /// The signature over the header, of RSA (`RPMSIGTAG_RSA`).
    pub const SIGNATURE_RSA: Self = Self(268);
    /// The bytes of the unpacked payload, in 64 bits.
    pub const SIGNATURE_LONGARCHIVESIZE: Self = Self(271);
    /// The SHA-256 of the header, in hexadecimal digits.
    pub const SIGNATURE_SHA256: Self = Self(273);
    /// The signatures over the header in the form of rpm 6.
    pub const SIGNATURE_OPENPGP: Self = Self(278);
    /// An old signature over header and payload, of RSA (`RPMSIGTAG_PGP`).
    pub const SIGNATURE_PGP: Self = Self(1002);
    /// An old signature over header and payload, of DSA (`RPMSIGTAG_GPG`).
    pub const SIGNATURE_GPG: Self = Self(1005);
    /// The bytes of the unpacked payload, in 32 bits.
    pub const SIGNATURE_PAYLOADSIZE: Self = Self(1007);
}

/// Tags of a header.
impl Tag {
    /// The package's name.
    pub const NAME: Self = Self(1000);
    /// Its version.
    pub const VERSION: Self = Self(1001);
    /// Its release.
    pub const RELEASE: Self = Self(1002);
    /// Its epoch; missing where it has none.
    pub const EPOCH: Self = Self(1003);
    /// What it is, in one line.
    pub const SUMMARY: Self = Self(1004);
    /// What it is, in some lines.
    pub const DESCRIPTION: Self = Self(1005);
    /// When it was built, in seconds since 1970.
    pub const BUILDTIME: Self = Self(1006);
    /// The machine on which it was built.
    pub const BUILDHOST: Self = Self(1007);
    /// The bytes of its files once installed, in 32 bits.
    pub const SIZE: Self = Self(1009);
    /// Who distributes it.
    pub const VENDOR: Self = Self(1011);
    /// Its licence.
    pub const LICENSE: Self = Self(1014);
    /// Who packaged it.
    pub const PACKAGER: Self = Self(1015);
    /// Its group.
    pub const GROUP: Self = Self(1016);
    /// The file names of a source package's sources.
    pub const SOURCE: Self = Self(1018);
    /// The file names of a source package's patches.
    pub const PATCH: Self = Self(1019);
    /// The project's page.
    pub const URL: Self = Self(1020);
    /// Its architecture; of a source package, the one on which it was made.
    pub const ARCH: Self = Self(1022);
    /// The paths of its files, in packages of old times.
    pub const OLDFILENAMES: Self = Self(1027);
    /// The modes of its files.
    pub const FILEMODES: Self = Self(1030);
    /// What rpm does with each of its files (`RPMFILE_*`).
    pub const FILEFLAGS: Self = Self(1037);
    /// The file name of its source package; a source package has none.
    pub const SOURCERPM: Self = Self(1044);
    /// The bytes of its unpacked payload, in packages of old times.
    pub const ARCHIVESIZE: Self = Self(1046);
    /// The names of what it requires.
    pub const REQUIRENAME: Self = Self(1049);
    /// When each entry of the changelog was made, in seconds since 1970.
    pub const CHANGELOGTIME: Self = Self(1080);
    /// Who made each entry of the changelog and, usually, for which version.
    pub const CHANGELOGNAME: Self = Self(1081);
    /// The text of each entry of the changelog.
    pub const CHANGELOGTEXT: Self = Self(1082);
    /// A mark of source packages.
    pub const SOURCEPACKAGE: Self = Self(1106);
    /// For each file, which of the folders it lies in, counted from 0.
    pub const DIRINDEXES: Self = Self(1116);
    /// The names of its files, without folders.
    pub const BASENAMES: Self = Self(1117);
    /// The folders of its files, each with a `/` at its end.
    pub const DIRNAMES: Self = Self(1118);
    /// The bytes of its files once installed, in 64 bits.
    pub const LONGSIZE: Self = Self(5009);
    /// The digest of its payload, in hexadecimal digits.
    pub const PAYLOADDIGEST: Self = Self(5092);
    /// The algorithm of that digest, by the number that OpenPGP gives it.
    pub const PAYLOADDIGESTALGO: Self = Self(5093);
}
