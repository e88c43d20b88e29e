//! The identity of the machine.

use std::fs;

/// The name of the machine in its kernel; `localhost` where it has none.
#[must_use]
pub fn name() -> String {
    let name = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let name = name.trim();
    if name.is_empty() || name == "(none)" { "localhost".to_owned() } else { name.to_owned() }
}

/// The id of the running kernel, which is another one after each start of the machine, on every machine; `None` where the kernel has none.
pub(crate) fn boot() -> Option<String> {
    let id = fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    Some(id.trim().to_owned()).filter(|id| !id.is_empty())
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_name_is_that_of_the_kernel() {
        let uname = std::process::Command::new("uname").arg("-n").output().unwrap();
        assert_eq!(super::name(), String::from_utf8(uname.stdout).unwrap().trim());
    }
}
