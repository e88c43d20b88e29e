//! The expressions of `%if` and `%[ ]`: rpm's expression parser as its manual describes it
//! (<https://rpm-software-management.github.io/rpm/manual/spec.html#conditionals>).

use std::cmp::Ordering;

use seaworthy_model::compare_evr;

/// A value of an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value {
    Number(i64),
    Text(String),
    Version(String),
}

impl Value {
    pub(super) fn truth(&self) -> bool {
        match self {
            Self::Number(n) => *n != 0,
            Self::Text(t) | Self::Version(t) => !t.is_empty(),
        }
    }

    pub(super) fn into_text(self) -> String {
        match self {
            Self::Number(n) => n.to_string(),
            Self::Text(t) | Self::Version(t) => t,
        }
    }
}

/// The depth of parentheses and negations from which an expression is refused, so that no text exhausts the stack.
const MAX_DEPTH: usize = 60;

/// The value of an expression whose macros are expanded.
pub(super) fn evaluate(text: &str) -> Result<Value, String> {
    let mut parser = Parser { rest: text, depth: 0 };
    let value = parser.ternary()?;
    parser.skip();
    if parser.rest.is_empty() { Ok(value) } else { Err(format!("unexpected {:?}", parser.rest.chars().take(20).collect::<String>())) }
}

struct Parser<'a> {
    rest: &'a str,
    depth: usize,
}

impl Parser<'_> {
    fn skip(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn take(&mut self, token: &str) -> bool {
        self.skip();
        match self.rest.strip_prefix(token) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn deeper<T>(&mut self, inner: impl FnOnce(&mut Self) -> Result<T, String>) -> Result<T, String> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err("nested too deeply".into());
        }
        let out = inner(self);
        self.depth -= 1;
        out
    }

    fn ternary(&mut self) -> Result<Value, String> {
        let condition = self.or()?;
        if !self.take("?") {
            return Ok(condition);
        }
        let yes = self.deeper(Self::ternary)?;
        if !self.take(":") {
            return Err("expected : after ?".into());
        }
        let no = self.deeper(Self::ternary)?;
        Ok(if condition.truth() { yes } else { no })
    }

    // As in rpm, `a || b` is the value of the side that decided.
    fn or(&mut self) -> Result<Value, String> {
        let mut left = self.and()?;
        while self.take("||") {
            let right = self.and()?;
            left = if left.truth() { left } else { right };
        }
        Ok(left)
    }

    fn and(&mut self) -> Result<Value, String> {
        let mut left = self.relation()?;
        while self.take("&&") {
            let right = self.relation()?;
            left = if left.truth() { right } else { left };
        }
        Ok(left)
    }

    fn relation(&mut self) -> Result<Value, String> {
        let mut left = self.sum()?;
        loop {
            let holds: fn(Ordering) -> bool = if self.take("==") {
                Ordering::is_eq
            } else if self.take("!=") {
                Ordering::is_ne
            } else if self.take("<=") {
                Ordering::is_le
            } else if self.take(">=") {
                Ordering::is_ge
            } else if self.take("<") {
                Ordering::is_lt
            } else if self.take(">") {
                Ordering::is_gt
            } else if self.take("=") {
                Ordering::is_eq
            } else {
                return Ok(left);
            };
            let right = self.sum()?;
            left = Value::Number(i64::from(holds(compare(&left, &right))));
        }
    }

    fn sum(&mut self) -> Result<Value, String> {
        let mut left = self.product()?;
        loop {
            let plus = self.take("+");
            if !plus && !self.take("-") {
                return Ok(left);
            }
            let right = self.product()?;
            left = match (left, right) {
                (Value::Number(a), Value::Number(b)) => Value::Number(if plus { a.wrapping_add(b) } else { a.wrapping_sub(b) }),
                (Value::Text(a), Value::Text(b)) if plus && a.len() + b.len() < 1 << 16 => Value::Text(a + &b),
                _ => return Err("text and number do not add up".into()),
            };
        }
    }

    fn product(&mut self) -> Result<Value, String> {
        let mut left = self.unary()?;
        loop {
            let times = self.take("*");
            if !times && !self.take("/") {
                return Ok(left);
            }
            left = match (left, self.unary()?) {
                (Value::Number(a), Value::Number(b)) if times => Value::Number(a.wrapping_mul(b)),
                (Value::Number(a), Value::Number(b)) => Value::Number(a.checked_div(b).ok_or("division by zero")?),
                _ => return Err("only numbers multiply".into()),
            };
        }
    }

    fn unary(&mut self) -> Result<Value, String> {
        self.skip();
        if self.rest.starts_with('!') && !self.rest.starts_with("!=") {
            self.rest = &self.rest[1..];
            return Ok(Value::Number(i64::from(!self.deeper(Self::unary)?.truth())));
        }
        if self.take("-") {
            return match self.deeper(Self::unary)? {
                Value::Number(n) => Ok(Value::Number(n.wrapping_neg())),
                _ => Err("only a number has a sign".into()),
            };
        }
        if self.take("(") {
            let value = self.deeper(Self::ternary)?;
            return if self.take(")") { Ok(value) } else { Err("expected )".into()) };
        }
        if self.take("v\"") {
            return self.quoted().map(Value::Version);
        }
        if self.take("\"") {
            return self.quoted().map(Value::Text);
        }
        let end = self.rest.find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '.' | '~'))).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        if word.is_empty() {
            return Err(if self.rest.is_empty() {
                "a value is missing".into()
            } else {
                format!("unexpected {:?}", self.rest.chars().take(20).collect::<String>())
            });
        }
        self.rest = rest;
        // Bare words are an error since rpm 4.15; older specs compare them, so they are taken as text.
        Ok(word.parse().map_or_else(|_| Value::Text(word.to_owned()), Value::Number))
    }

    fn quoted(&mut self) -> Result<String, String> {
        let (text, rest) = self.rest.split_once('"').ok_or("a quote is not closed")?;
        self.rest = rest;
        Ok(text.to_owned())
    }
}

fn compare(a: &Value, b: &Value) -> Ordering {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a.cmp(b),
        (Value::Version(a), Value::Version(b)) => match (a.parse(), b.parse()) {
            (Ok(left), Ok(right)) => compare_evr(&left, &right),
            _ => a.cmp(b),
        },
        (a, b) => a.clone().into_text().cmp(&b.clone().into_text()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values() {
        for (text, truth) in [
            ("1", true),
            ("0", false),
            ("01 && 0", false),
            ("!0 && (1 || 0)", true),
            ("3 + 4 * 2 == 11", true),
            ("\"a\" == \"a\"", true),
            ("\"a\" != \"b\" && 8 >= 8", true),
            ("v\"1.10\" > v\"1.9\"", true),
            ("v\"1.9\" < v\"1.10\"", true),
            ("0 ? 0 : 7", true),
            ("010 == 10", true),
        ] {
            assert_eq!(evaluate(text).map(|v| v.truth()), Ok(truth), "{text}");
        }
        for bad in ["", "1 +", "(1", "\"a", "1 2", "1/0", &"!".repeat(10_000), &"(".repeat(10_000)] {
            assert!(evaluate(bad).is_err());
        }
    }
}
