//! Ties by name, where the vendor or the ecosystem agrees.

use super::hold_ties;

#[test]
fn by_name() {
    hold_ties(&[
        ("the name alone ties nothing: acme's ferry may be another", &["nvd: a:acme:ferry <2"], &["ferry 1.2-1"], "nothing"),
        (
            "a vendor that is called like its product is a project of its own",
            &["nvd: a:ferry:ferry <2"],
            &["ferry 1.2-1"],
            "ferry 1000 affected by name",
        ),
        (
            "NVD calls a vendor without a name after the product",
            &["nvd: a:ferry_project:ferry <2"],
            &["ferry 1.2-1"],
            "ferry 1000 affected by name",
        ),
        ("a library's project may bear lib", &["nvd: a:libferry:ferry <2"], &["ferry 1.2-1"], "ferry 1000 affected by name"),
        ("a project may bear an article", &["nvd: a:the_ferry_project:ferry <2"], &["ferry 1.2-1"], "ferry 1000 affected by name"),
        ("a vendor of which only the beginning agrees is another", &["nvd: a:ferrying:ferry <2"], &["ferry 1.2-1"], "nothing"),
        (
            "the vendor owns the package's repository",
            &["nvd: a:acme:ferry <2"],
            &["ferry 1.2-1 page:https://github.com/acme/boats"],
            "ferry 1000 affected by name",
        ),
        (
            "the vendor's domain is the package's site",
            &["nvd: a:acme:ferry <2"],
            &["ferry 1.2-1 page:https://www.acme.org/boats"],
            "ferry 1000 affected by name",
        ),
        ("a forge is nobody's vendor", &["nvd: a:github:ferry <2"], &["ferry 1.2-1 page:https://github.com/acme/boats"], "nothing"),
        ("a series in the package's name is not part of it", &["nvd: a:ferry:ferry <2"], &["ferry2 1.2-1"], "ferry2 1000 affected by name"),
        ("nor with a dot and a dash", &["nvd: a:ferry:ferry <2"], &["ferry-2.0 1.2-1"], "ferry-2.0 1000 affected by name"),
        ("two letters before a number are no name to fall back to", &["nvd: a:gt:gt <2"], &["gt3 1.2-1"], "nothing"),
        (
            "a dash of a package is an underscore of a product",
            &["nvd: a:ferry_boat:ferry_boat <2"],
            &["ferry-boat 1.2-1"],
            "ferry-boat 1000 affected by name",
        ),
        ("an umbrella lists many projects under its name", &["nvd: a:redhat:ferry <2"], &["ferry 1.2-1"], "ferry 1000 affected by name"),
        (
            "an umbrella without a site of its own has projects anywhere",
            &["nvd: a:redhat:ferry <2"],
            &["ferry 1.2-1 page:https://github.com/acme/ferry"],
            "ferry 1000 affected by name",
        ),
        (
            "one that hosts its own has none in somebody else's repository",
            &["nvd: a:gnu:ferry <2"],
            &["ferry 1.2-1 page:https://github.com/acme/ferry"],
            "nothing",
        ),
        (
            "but on its own site",
            &["nvd: a:gnu:ferry <2"],
            &["ferry 1.2-1 page:https://www.gnu.org/software/ferry"],
            "ferry 1000 affected by name",
        ),
        (
            "and on no forge at all",
            &["nvd: a:gnu:ferry <2"],
            &["ferry 1.2-1 page:https://ferry.example.org"],
            "ferry 1000 affected by name",
        ),
        (
            "and in its own place on a forge",
            &["nvd: a:gnome:ferry <2"],
            &["ferry 1.2-1 page:https://github.com/gnome/ferry"],
            "ferry 1000 affected by name",
        ),
        (
            "an umbrella takes the plain name only, not one with its series cut off",
            &["nvd: a:redhat:ferry <2"],
            &["ferry2 1.2-1"],
            "nothing",
        ),
        ("and no library of a language", &["nvd: a:redhat:ferry <2"], &["python-ferry 1.2-1"], "nothing"),
        ("the binding of a language is not what it binds", &["nvd: a:ferry:ferry <2"], &["python-ferry 1.2-1"], "nothing"),
        (
            "even from the same owner",
            &["nvd: a:acme:ferry <2 -> https://github.com/acme/ferry"],
            &["python-ferry 1.2-1 page:https://github.com/acme/python-ferry"],
            "nothing",
        ),
        (
            "an owner's library of a language, where the product's records lead to its repository",
            &["nvd: a:acme:ferry <2 -> https://github.com/acme/boats"],
            &["python-ferry 1.2-1 page:https://github.com/acme/boats"],
            "python-ferry 1000 affected by home+name",
        ),
        (
            "a library of a language whose records name the language",
            &["nvd: a:acme:ferry <2 sw:python"],
            &["python-ferry 1.2-1"],
            "python-ferry 1000 affected by name",
        ),
        (
            "the product's own repository speaks against a package from another of the same forge",
            &["nvd: a:ferry_project:ferry <2 -> https://github.com/acme/ferry"],
            &["ferry 1.2-1 page:https://github.com/other/ferry"],
            "nothing",
        ),
        (
            "a package on another forge may be a mirror",
            &["nvd: a:ferry_project:ferry <2 -> https://github.com/acme/ferry"],
            &["ferry 1.2-1 page:https://gitlab.com/other/ferry"],
            "ferry 1000 affected by name",
        ),
        (
            "half of the product's records make a repository its own",
            &["nvd 1000: a:ferry_project:ferry <2 -> https://github.com/acme/ferry", "nvd 1001: a:ferry_project:ferry <2"],
            &["ferry 1.2-1 page:https://github.com/other/ferry"],
            "nothing",
        ),
        (
            "less than half do not",
            &[
                "nvd 1000: a:ferry_project:ferry <2 -> https://github.com/acme/ferry",
                "nvd 1001: a:ferry_project:ferry =9",
                "nvd 1002: a:ferry_project:ferry =9",
            ],
            &["ferry 1.2-1 page:https://github.com/other/ferry"],
            "ferry 1000 affected by name",
        ),
        (
            "a whole site is no repository that could speak against",
            &["nvd: a:ferry_project:ferry <2 -> https://ferry.example.org/1"],
            &["ferry 1.2-1 page:https://github.com/other/ferry"],
            "ferry 1000 affected by name",
        ),
        ("an operating system of that name is no program", &["nvd: o:ferry:ferry <2"], &["ferry 1.2-1"], "nothing"),
        ("a device of that name is none", &["nvd: h:ferry:ferry <2"], &["ferry 1.2-1"], "nothing"),
        (
            "both the home and the name are kept as reasons",
            &["nvd: a:ferry:ferry <2 -> https://github.com/ferry/ferry"],
            &["ferry 1.2-1 page:https://github.com/ferry/ferry"],
            "ferry 1000 affected by home+name",
        ),
    ]);
}
