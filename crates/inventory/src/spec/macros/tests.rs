use super::*;

#[test]
fn forms() {
    let mut m = Macros::default();
    m.set("x", "1");
    m.set("dist", ".d9");
    m.set("version", "1.2.3");
    for (text, expected) in [
        ("a%{x}b", "a1b"),
        ("%x-%{?x}-%{?y}-%{!?y:n}-%{?x:y%{x}}-%{!?x:n}", "1-1--n-y1-"),
        ("%{y} %y 100%% %", "%{y} %y 100% %"),
        ("%[1 + %x] %{expand:%%{x}}", "2 1"),
        ("%(echo %{version} | cut -d. -f1-2)", "1.2"),
        ("%{lua:print(1)}", "%{lua:print(1)}"),
        ("%{nil}%{defined x}%{undefined x}%{defined y}", "100"),
        ("%{!?z:%global z 5}%z", "5"),
        ("a %dnl b", "a "),
        ("%bcond_without t\n%{with t}%{without t}%{with u}%{without u}", "\n1001"),
        ("%bcond v 1\n%{with v}", "\n1"),
        ("%define two() %1-%2%{?3:+}\n%{two a b}", "\na-b"),
        ("%define o(x:y) %{-x:X%{-x*}}%{!-y:noy}%{-y:y}\n%{o -x 3}", "\nX3noy"),
        ("%define m a\\\nb\n%m", "\na\nb"),
        ("%undefine x\n%{?x}", "\n"),
    ] {
        assert_eq!(m.clone().expand(text), expected, "{text}");
    }
}

#[test]
fn limits() {
    let mut m = Macros::default();
    m.set("loop", "%{loop}%{loop}");
    m.expand("%{loop}");
    assert!(m.exhausted);
    let mut m = Macros::default();
    for i in 0..60 {
        m.set(&format!("a{i}"), format!("%{{a{}}}%{{a{}}}", i + 1, i + 1));
    }
    m.set("a30", "xxxxxxxxxxxxxxxxxxxxx");
    assert!(m.expand("%a0").len() <= 2 * MAX_LENGTH + 64);
}

#[test]
fn an_option_that_is_no_ascii_is_no_option() {
    // A star that does not follow the option's letter once cut a character in two.
    let mut m = Macros::default();
    m.set("x", "1");
    assert_eq!(m.expand("a%{-\u{fffd}*}b%{-é}c%{-n:no*}d%{x}"), "abcd1");
}

#[test]
fn long_texts_are_no_endless_work() {
    let start = std::time::Instant::now();
    for text in ["%{".repeat(1 << 19), "%x{".repeat(1 << 18), format!("%define f() %x\n{}", "%{f}".repeat(1 << 18))] {
        let mut m = Macros::default();
        m.set("x", "1");
        m.expand(&text);
        assert!(start.elapsed().as_secs() < 20, "{:?} after {:?}", &text[..20], start.elapsed());
    }
}
