//! Records as the kernel's CNA writes them: commits in one entry, releases in another, each fix as a branch that is not affected.

use super::hold_products;
use crate::records::show;

#[test]
fn records_of_the_kernel() {
    hold_products(
        show::affected,
        &[
            (
                "commits",
                "vendor=Linux product=Linux defaultStatus=unaffected programFiles:=['net/core/dev.c'] : \
                 version=1da177e4c3f4 lessThan=8f14cc9bf61e status=affected versionType=git | \
                 version=1da177e4c3f4 lessThan=0a1b2c3d4e5f status=affected versionType=git",
                "a:linux:linux default=unaffected: git >=1da177e4c3f4 <8f14cc9bf61e , git >=1da177e4c3f4 <0a1b2c3d4e5f \
                 parts=net/core/dev.c",
            ),
            (
                "releases: affected since 6.2, fixed in a branch and in 6.13",
                "vendor=Linux product=Linux defaultStatus=affected : version=6.2 status=affected | \
                 version=0 lessThan=6.2 status=unaffected versionType=semver | \
                 version=6.6.80 lessThanOrEqual=6.6.* status=unaffected versionType=semver | \
                 version=6.13 lessThanOrEqual=* status=unaffected versionType=original_commit_for_fix",
                "a:linux:linux default=affected: =6.2 , not <6.2 , not >=6.6.80 <=6.6.* , not >=6.13",
            ),
            (
                "affected since ever",
                "vendor=Linux product=Linux defaultStatus=affected : \
                 version=6.13 lessThanOrEqual=* status=unaffected versionType=original_commit_for_fix",
                "a:linux:linux default=affected: not >=6.13",
            ),
            (
                "without versions: nothing is affected",
                "vendor=Linux product=Linux defaultStatus=unaffected",
                "a:linux:linux default=unaffected",
            ),
        ],
    );
}
