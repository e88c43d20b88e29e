//! The arrows between crates: they run down, and only where `architecture.toml` has them.

use crate::manifest::packages;
use crate::plan::Plan;

#[test]
fn arrows_are_those_that_are_written_down() {
    let plan = Plan::read();
    let mut wrong = Vec::new();
    for package in packages() {
        let name = package.short();
        let Some(room) = plan.crates.get(&name) else {
            wrong.push(format!("{name} has no place: give it one in architecture.toml, and say what it answers"));
            continue;
        };
        for (to, for_tests) in package.arrows() {
            let allowed = room.knows.contains(&to) || for_tests && room.tests_know.contains(&to);
            if !allowed {
                let kind = if for_tests { "tests of " } else { "" };
                wrong.push(format!("{kind}{name} may not depend on {to}: architecture.toml has no such arrow"));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn what_is_written_down_runs_down() {
    let plan = Plan::read();
    let mut wrong = Vec::new();
    for (name, room) in &plan.crates {
        let product = room.knows.iter().map(|to| (to, false));
        for (to, for_tests) in product.chain(room.tests_know.iter().map(|to| (to, true))) {
            let low = plan.crates.get(to).map(|other| other.floor);
            // Tests and benches may look at a neighbour; what is shipped may not.
            if !low.is_some_and(|low| low < room.floor || for_tests && low == room.floor) {
                wrong.push(format!("{name} (floor {}) to {to}: no arrow that runs down", room.floor));
            }
        }
        assert!(!room.answers.is_empty(), "{name}: say what it answers");
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}
