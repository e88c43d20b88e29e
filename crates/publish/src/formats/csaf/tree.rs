//! The product tree: the release line, the packages in their versions, and each of them as a part of the line.

use std::collections::HashSet;

use seaworthy_model::{CpeName, rpm_vers};

use super::super::names::Scope;
use super::super::text;
use super::super::write::{List, Object};
use super::part::{Form, Part, Product};
use crate::Distribution;

/// The source package of an advisory and its binary packages as products, in one version where `version` is not empty. The source package
/// has an id and a name of its own, since its purl is that of any package.
pub(super) fn products<'a>(distribution: &Distribution, scope: &Scope<'a>, form: Form, version: &str) -> Vec<Product<'a>> {
    let form = if version.is_empty() { Form::Any } else { form };
    let one = |package: &'a str, source: bool| {
        let sign = match form {
            Form::Version => "-",
            Form::Before => "<",
            Form::Any => "",
        };
        let alone = format!("{package}{sign}{version}{}", if source { ".src" } else { "" });
        let purl = if form == Form::Before { String::new() } else { distribution.purl(package, version) };
        Product { package, source, form, version: version.to_owned(), id: format!("{}:{alone}", line_id(distribution)), alone, purl }
    };
    let source = scope.source.then(|| one(&scope.advisory.package, true));
    source.into_iter().chain(scope.binaries.iter().copied().map(|binary| one(binary, false))).collect()
}

fn line_id(distribution: &Distribution) -> String {
    format!("{}-{}", distribution.vendor, distribution.line)
}

/// Writes the tree of all parts. A product that is in several of them is defined once.
pub(super) fn write(o: &mut Object<'_>, distribution: &Distribution, parts: &[Part<'_>]) {
    let mut defined = HashSet::new();
    let mut products: Vec<(&Product<'_>, Option<&Product<'_>>)> = Vec::new();
    for part in parts {
        let versions = part.products.iter().enumerate().map(|(nth, product)| (product, part.before.get(nth)));
        products.extend(versions.filter(|(product, _)| defined.insert(&product.id)));
    }
    let line = text::line(distribution);
    let line_id = line_id(distribution);
    o.list("branches", |l| {
        l.object(|o| {
            o.list("branches", |l| {
                l.object(|o| {
                    o.text("category", "product_name").text("name", &line);
                    o.object("product", |o| {
                        o.text("name", &line).text("product_id", &line_id);
                        if CpeName::parse(&distribution.cpe).is_ok() {
                            o.object("product_identification_helper", |o| {
                                o.text("cpe", &distribution.cpe);
                            });
                        }
                    });
                });
                products.iter().for_each(|(product, before)| package(l, product, *before));
            });
            o.text("category", "vendor").text("name", &distribution.name);
        });
    });
    o.list("relationships", |l| {
        for product in products.iter().flat_map(|(product, before)| std::iter::once(*product).chain(*before)) {
            l.object(|o| {
                o.text("category", "default_component_of");
                o.object("full_product_name", |o| {
                    let name = format!("{} as a part of {line}", named(product));
                    full(o, &name, &product.id, &product.purl);
                });
                o.text("product_reference", &product.alone).text("relates_to_product_reference", &line_id);
            });
        }
    });
}

/// The branch of a package, and below it those of its versions.
fn package(l: &mut List<'_>, product: &Product<'_>, before: Option<&Product<'_>>) {
    l.object(|o| {
        if product.form == Form::Any {
            o.text("category", "product_name").text("name", product.package);
            o.object("product", |o| full(o, &named(product), &product.alone, &product.purl));
            return;
        }
        o.list("branches", |l| {
            for product in std::iter::once(product).chain(before) {
                l.object(|o| {
                    if product.form == Form::Before {
                        o.text("category", "product_version_range").text("name", &rpm_vers("<", &product.version));
                    } else {
                        o.text("category", "product_version").text("name", &product.version);
                    }
                    o.object("product", |o| full(o, &named(product), &product.alone, &product.purl));
                });
            }
        });
        o.text("category", "product_name").text("name", product.package);
    });
}

/// The name of a product for people.
fn named(product: &Product<'_>) -> String {
    let source = if product.source { " (source package)" } else { "" };
    match product.form {
        Form::Version => format!("{} {}{source}", product.package, product.version),
        Form::Before => format!("{} before {}{source}", product.package, product.version),
        Form::Any => format!("{}{source}", product.package),
    }
}

fn full(o: &mut Object<'_>, name: &str, id: &str, purl: &str) {
    o.text("name", name).text("product_id", id);
    if !purl.is_empty() {
        o.object("product_identification_helper", |o| {
            o.text("purl", purl);
        });
    }
}
