//! The state of a record in NVD.

use super::hold_records;
use crate::records::show;

#[test]
fn states() {
    hold_records(
        show::state,
        &[
            ("analysed", "'vulnStatus':'Analyzed'", "published Analyzed"),
            ("not yet", "'vulnStatus':'Awaiting Analysis'", "published Awaiting Analysis"),
            ("never", "'vulnStatus':'Deferred'", "published Deferred"),
            ("no word of it", "", "published"),
            ("null is none", "'vulnStatus':null", "published"),
            ("withdrawn", "'vulnStatus':'Rejected'", "rejected Rejected"),
            ("in other letters it is another word", "'vulnStatus':'REJECTED'", "published REJECTED"),
            ("disputed", "'vulnStatus':'Modified','cveTags':[{'tags':['disputed']}]", "disputed Modified"),
            ("disputed by the second who tags", "'cveTags':[{'tags':['unsupported-when-assigned']},{'tags':['disputed']}]", "disputed"),
            ("another tag", "'cveTags':[{'tags':['exclusively-hosted-service']}]", "published"),
            ("a tag without words", "'cveTags':[{}]", "published"),
            ("no tags at all", "'cveTags':null", "published"),
            ("withdrawn outweighs disputed", "'vulnStatus':'Rejected','cveTags':[{'tags':['disputed']}]", "rejected Rejected"),
            ("a long word is cut to 40 bytes", "'vulnStatus':'{41*A}'", "published AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
        ],
    );
}

#[test]
fn a_withdrawn_record_keeps_what_it_said() {
    hold_records(
        show::configurations,
        &[(
            "its products are still known, so that what it opened can be closed",
            "'vulnStatus':'Rejected','configurations':[{'nodes':[{'cpeMatch':[{'criteria':'cpe:2.3:a:acme:ferry:*:*:*:*:*:*:*:*'}]}]}]",
            "a:acme:ferry *",
        )],
    );
}
