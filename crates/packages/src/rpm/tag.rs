//! The tags of the values in a header.

use std::fmt;

/// The number of a kind of value in a header. The same number has another meaning in a signature header.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tag(pub u32);

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "tag {}", self.0)
    }
}

/// Tags of a signature header.
impl Tag {
    /// The region: the entries that were there when the header was made.
    pub const SIGNATURE_REGION: Self = Self(62);
    /// The signature over the header by any algorithm but RSA (`RPMSIGTAG_DSA`).
    pub const SIGNATURE_DSA: Self = Self(267);
    /// The signature over the header by RSA (`RPMSIGTAG_RSA`).
    pub const SIGNATURE_RSA: Self = Self(268);
    /// The size of the unpacked payload in bytes, in 64 bits.
    pub const SIGNATURE_LONGARCHIVESIZE: Self = Self(271);
    /// The SHA-256 of the header, in hexadecimal digits.
    pub const SIGNATURE_SHA256: Self = Self(273);
    /// The signatures over the header in the form of rpm 6.
    pub const SIGNATURE_OPENPGP: Self = Self(278);
    /// An old signature over header and payload by RSA (`RPMSIGTAG_PGP`).
    pub const SIGNATURE_PGP: Self = Self(1002);
    /// An old signature over header and payload by DSA (`RPMSIGTAG_GPG`).
    pub const SIGNATURE_GPG: Self = Self(1005);
    /// The size of the unpacked payload in bytes, in 32 bits.
    pub const SIGNATURE_PAYLOADSIZE: Self = Self(1007);
}

/// Tags of a header.
impl Tag {
    /// The name of the package.
    pub const NAME: Self = Self(1000);
    /// The version.
    pub const VERSION: Self = Self(1001);
    /// The release.
    pub const RELEASE: Self = Self(1002);
    /// The epoch; missing where the package has none.
    pub const EPOCH: Self = Self(1003);
    /// The description in one line.
    pub const SUMMARY: Self = Self(1004);
    /// The description in some lines.
    pub const DESCRIPTION: Self = Self(1005);
    /// The time of the build, in seconds since 1970.
    pub const BUILDTIME: Self = Self(1006);
    /// The machine of the build.
    pub const BUILDHOST: Self = Self(1007);
    /// The size of the installed files in bytes, in 32 bits.
    pub const SIZE: Self = Self(1009);
    /// The vendor, who distributes the package.
    pub const VENDOR: Self = Self(1011);
    /// The licence.
    pub const LICENSE: Self = Self(1014);
    /// The packager.
    pub const PACKAGER: Self = Self(1015);
    /// The group.
    pub const GROUP: Self = Self(1016);
    /// The file names of a source package's sources.
    pub const SOURCE: Self = Self(1018);
    /// The file names of a source package's patches.
    pub const PATCH: Self = Self(1019);
    /// The address of the project.
    pub const URL: Self = Self(1020);
    /// The architecture; for a source package that of the machine on which it was made.
    pub const ARCH: Self = Self(1022);
    /// The paths of the files, in very old packages.
    pub const OLDFILENAMES: Self = Self(1027);
    /// The modes of the files.
    pub const FILEMODES: Self = Self(1030);
    /// The flags of the files (`RPMFILE_*`), which say how rpm treats each.
    pub const FILEFLAGS: Self = Self(1037);
    /// The file name of the source package; missing in a source package.
    pub const SOURCERPM: Self = Self(1044);
    /// The size of the unpacked payload in bytes, in very old packages.
    pub const ARCHIVESIZE: Self = Self(1046);
    /// The names of the requirements.
    pub const REQUIRENAME: Self = Self(1049);
    /// The times of the changelog entries, in seconds since 1970.
    pub const CHANGELOGTIME: Self = Self(1080);
    /// The authors of the changelog entries and, usually, the versions.
    pub const CHANGELOGNAME: Self = Self(1081);
    /// The texts of the changelog entries.
    pub const CHANGELOGTEXT: Self = Self(1082);
    /// A mark of source packages.
    pub const SOURCEPACKAGE: Self = Self(1106);
    /// The folder of each file, as an index into the list of folders, counted from 0.
    pub const DIRINDEXES: Self = Self(1116);
    /// The names of the files, without folders.
    pub const BASENAMES: Self = Self(1117);
    /// The folders of the files, each with a `/` at its end.
    pub const DIRNAMES: Self = Self(1118);
    /// The size of the installed files in bytes, in 64 bits.
    pub const LONGSIZE: Self = Self(5009);
    /// The digest of the payload, in hexadecimal digits.
    pub const PAYLOADDIGEST: Self = Self(5092);
    /// The algorithm of that digest, by its number in OpenPGP.
    pub const PAYLOADDIGESTALGO: Self = Self(5093);
}
