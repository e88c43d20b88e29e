//! The encoding of a policy for digests. Each function takes its value apart by all fields, so that the compiler names a field that is
//! forgotten.

use seaworthy_model::{Content, DigestWriter};

use crate::policy::{ClockStart, Deployment, Policy, Time};
use crate::{Calendar, Freeze, Train};

impl Content for Policy {
    fn encode(&self, out: &mut DigestWriter) {
        let Self { clock, time, deadlines, exploited, deployments, reboot, calendar } = self;
        clock.encode(out);
        time.encode(out);
        deadlines.encode(out);
        exploited.encode(out);
        deployments.encode(out);
        reboot.encode(out);
        calendar.encode(out);
    }
}

impl Content for ClockStart {
    fn encode(&self, out: &mut DigestWriter) {
        let name = match self {
            Self::Detected => "detected",
            Self::Published => "published",
        };
        name.encode(out);
    }
}

impl Content for Time {
    fn encode(&self, out: &mut DigestWriter) {
        match self {
            Self::Calendar => "calendar".encode(out),
            Self::Business { holidays } => {
                "business_days".encode(out);
                holidays.encode(out);
            }
        }
    }
}

impl Content for Deployment {
    fn encode(&self, out: &mut DigestWriter) {
        let Self { name, out_of_band } = self;
        name.encode(out);
        out_of_band.encode(out);
    }
}

impl Content for Calendar {
    fn encode(&self, out: &mut DigestWriter) {
        let Self { trains, freezes } = self;
        trains.encode(out);
        freezes.encode(out);
    }
}

impl Content for Train {
    fn encode(&self, out: &mut DigestWriter) {
        let Self { name, first, every, freeze } = self;
        name.encode(out);
        first.encode(out);
        every.encode(out);
        freeze.encode(out);
    }
}

impl Content for Freeze {
    fn encode(&self, out: &mut DigestWriter) {
        let Self { name, from, to } = self;
        name.encode(out);
        from.encode(out);
        to.encode(out);
    }
}

#[cfg(test)]
mod tests {
    use seaworthy_model::Digest;

    use crate::Policy;

    fn digest(text: &str) -> Digest {
        Digest::of_content(&Policy::parse(text).unwrap())
    }

    /// A replay goes on only with the policy that it began with.
    #[test]
    fn another_policy_has_another_digest() {
        let texts = [
            "",
            "[policy]\nclock = \"published\"\n",
            "[policy]\nbusiness_days = true\n",
            "[policy]\nbusiness_days = true\nholidays = [\"2026-12-25\"]\n",
            "[policy]\nreboot = [\"kernel\"]\n",
            "[policy.deadlines.high]\ntriaged = \"2d\"\n",
            "[policy.delivery.host]\nout_of_band = [\"high\"]\n",
        ];
        let distinct: std::collections::BTreeSet<Digest> = texts.iter().map(|text| digest(text)).collect();
        assert_eq!(distinct.len(), texts.len());
        assert_eq!(digest(texts[2]), digest("# a remark\n[policy]\nbusiness_days=true\n"));
    }
}
