//! Each effect has one place.

use crate::manifest::packages;
use crate::plan::Plan;

#[test]
fn dependencies_of_an_effect_are_where_the_effect_is() {
    let plan = Plan::read();
    let packages = packages();
    let mut wrong = Vec::new();
    for package in &packages {
        let name = package.short();
        for dependency in package.foreign() {
            if plan.only_in.get(dependency).is_some_and(|places| !places.contains(&name)) {
                wrong.push(format!("{name} may not depend on {dependency}: {:?} may", plan.only_in[dependency]));
            }
        }
    }
    for (dependency, places) in &plan.only_in {
        for place in places {
            let there = packages.iter().any(|p| p.short() == *place && p.foreign().any(|d| d == dependency));
            if !there {
                wrong.push(format!("{place} does not depend on {dependency}: take it out of only_in"));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}
