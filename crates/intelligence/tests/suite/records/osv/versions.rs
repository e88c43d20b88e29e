//! The list of single versions.

use super::hold_packages;

#[test]
fn versions() {
    hold_packages(&[
        ("they are affected", "'versions':['1.0','1.1']", "=1.0 , =1.1"),
        (
            "beside commits, which no version can be held against",
            "'versions':['1.0'],'ranges':[{'type':'GIT','events':[{'introduced':'0'}]}]",
            "git * , =1.0",
        ),
        ("an empty list", "'versions':[]", "none"),
        ("256 bytes are a version", "'versions':['{256*1}']", "=11111111..256"),
    ]);
}
