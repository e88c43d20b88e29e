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
        (
            "beside ranges: who is in either is affected",
            "'versions':['0.9'],'ranges':[{'type':'ECOSYSTEM','events':[{'introduced':'1.0'},{'fixed':'1.4'}]}]",
            ">=1.0 <1.4 , =0.9",
        ),
        (
            "what lies in a range is not said again",
            "'versions':['0.9','1.0','1.3','1.4'],'ranges':[{'type':'ECOSYSTEM','events':[{'introduced':'1.0'},{'fixed':'1.4'}]}]",
            ">=1.0 <1.4 , =0.9 , =1.4",
        ),
        (
            "what does not compare with the range is",
            "'versions':['20240101'],'ranges':[{'type':'ECOSYSTEM','events':[{'introduced':'1.0'}]}]",
            ">=1.0 , =20240101",
        ),
        (
            "a word is no version that a range could hold",
            "'versions':['main'],'ranges':[{'type':'SEMVER','events':[{'introduced':'0'}]}]",
            "* , =main",
        ),
        ("each once", "'versions':['1.0','1.1','1.0']", "=1.0 , =1.1"),
        ("256 bytes are a version", "'versions':['{256*1}']", "=11111111..256"),
        (
            "257 are none: reported with its place",
            "'versions':['1.0','{257*1}']",
            "=1.0 / refused at 162: HARBOR-2024-1: a version of 257 bytes",
        ),
    ]);
}
