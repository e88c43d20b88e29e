//! The trees of configurations: operators, negation, platforms, and the products of matches.

use super::{Row, cpe_match, feed, read};
use crate::records::{hold, plain, show};

/// Rows of the lists of configurations, where `~a:acme:ferry WORDS~` is a match.
fn hold_trees(rows: &[Row<'_>]) {
    hold(rows, |tree| {
        let parts = tree.split('~').enumerate().map(|(i, part)| if i % 2 == 1 { cpe_match(part) } else { plain(part) });
        read(show::configurations, &feed(&format!("'configurations':{}", parts.collect::<String>())))
    });
}

#[test]
fn operators() {
    hold_trees(&[
        ("one match", "[{'nodes':[{'operator':'OR','cpeMatch':[~a:acme:ferry~]}]}]", "a:acme:ferry *"),
        ("any of a node", "[{'nodes':[{'operator':'OR','cpeMatch':[~a:acme:ferry~,~a:acme:pier~]}]}]", "a:acme:ferry * , a:acme:pier *"),
        ("all of a node", "[{'nodes':[{'operator':'AND','cpeMatch':[~a:acme:ferry~,~a:acme:pier~]}]}]", "a:acme:ferry * + a:acme:pier *"),
        (
            "a node without an operator is any",
            "[{'nodes':[{'cpeMatch':[~a:acme:ferry~,~a:acme:pier~]}]}]",
            "a:acme:ferry * , a:acme:pier *",
        ),
        (
            "null is no operator",
            "[{'nodes':[{'operator':null,'cpeMatch':[~a:acme:ferry~,~a:acme:pier~]}]}]",
            "a:acme:ferry * , a:acme:pier *",
        ),
        (
            "all nodes of a configuration",
            "[{'operator':'AND','nodes':[{'cpeMatch':[~a:acme:ferry~]},{'cpeMatch':[~o:linux:linux_kernel vulnerable:=false~]}]}]",
            "a:acme:ferry * & on o:linux:linux_kernel *",
        ),
        (
            "any of them where it does not say",
            "[{'nodes':[{'cpeMatch':[~a:acme:ferry~]},{'cpeMatch':[~a:acme:pier~]}]}]",
            "a:acme:ferry * | a:acme:pier *",
        ),
        (
            "any configuration",
            "[{'nodes':[{'cpeMatch':[~a:acme:ferry~]}]},{'nodes':[{'cpeMatch':[~a:acme:pier~]}]}]",
            "a:acme:ferry * ; a:acme:pier *",
        ),
        ("a node that is negated", "[{'nodes':[{'negate':true,'cpeMatch':[~a:acme:ferry~]}]}]", "not a:acme:ferry *"),
        ("a configuration that is", "[{'negate':true,'nodes':[{'cpeMatch':[~a:acme:ferry~]}]}]", "unless a:acme:ferry *"),
        ("null negates nothing", "[{'negate':null,'nodes':[{'negate':null,'cpeMatch':[~a:acme:ferry~]}]}]", "a:acme:ferry *"),
        (
            "an operator in lower case is no operator of the schema: any",
            "[{'nodes':[{'operator':'and','cpeMatch':[~a:acme:ferry~,~a:acme:pier~]}]}]",
            "a:acme:ferry * , a:acme:pier *",
        ),
        ("a configuration without nodes names nothing", "[{'nodes':[]}]", "none"),
        ("a node without matches as well", "[{'nodes':[{'cpeMatch':[]}]}]", "none"),
    ]);
}

#[test]
fn products() {
    hold_trees(&[
        (
            "the vulnerable one, where it says nothing else",
            "[{'nodes':[{'cpeMatch':[~a:acme:ferry vulnerable:=true~]}]}]",
            "a:acme:ferry *",
        ),
        ("a platform is not what is vulnerable", "[{'nodes':[{'cpeMatch':[~o:acme:harbor vulnerable:=false~]}]}]", "on o:acme:harbor *"),
        ("case does not count", "[{'nodes':[{'cpeMatch':[~a:Acme:FERRY~]}]}]", "a:acme:ferry *"),
        ("hardware is a product", "[{'nodes':[{'cpeMatch':[~h:acme:buoy~]}]}]", "h:acme:buoy *"),
        ("any product of a vendor", "[{'nodes':[{'cpeMatch':[~a:acme:*~]}]}]", "a:acme:* *"),
        ("a product that is not named", "[{'nodes':[{'cpeMatch':[~a:acme:-~]}]}]", "a:acme:- *"),
        ("an escaped sign is the sign", "[{'nodes':[{'cpeMatch':[~a:acme:ferry\\+\\+~]}]}]", "a:acme:ferry++ *"),
        (
            "versions of one product stand together, in their order",
            "[{'nodes':[{'cpeMatch':[~a:acme:ferry version=1.1~,~a:acme:ferry version=1.0~,~a:acme:pier~,~a:acme:ferry version=1.2~]}]}]",
            "a:acme:ferry =1.1 , a:acme:ferry =1.0 , a:acme:pier * , a:acme:ferry =1.2",
        ),
        (
            "as platform and as what is vulnerable it is two",
            "[{'nodes':[{'cpeMatch':[~a:acme:ferry version=1.1~,~a:acme:ferry version=1.0 vulnerable:=false~]}]}]",
            "a:acme:ferry =1.1 , on a:acme:ferry =1.0",
        ),
        (
            "a name that is none costs its match",
            "[{'nodes':[{'cpeMatch':[{'criteria':'ferry 1.0'},~a:acme:pier~]}]}]",
            "a:acme:pier * / refused at 36: CVE-2024-1000: \"ferry 1.0\" is not a CPE 2.3 name: expected cpe:2.3: at its start",
        ),
        ("the older binding of names is read", "[{'nodes':[{'cpeMatch':[{'criteria':'cpe:/a:acme:ferry:1.0'}]}]}]", "a:acme:ferry =1.0"),
    ]);
}
