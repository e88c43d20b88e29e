//! Checks of CVSS vectors and their scores, since the schemas of other formats refuse wrong ones.
//!
//! Specifications: <https://www.first.org/cvss/v2/guide>, <https://www.first.org/cvss/v3-1/specification-document>,
//! <https://www.first.org/cvss/v4-0/specification-document>.

use ::cvss::{Cvss as Vector, v3};
use seaworthy_model::{Cvss, CvssVersion};

/// The vector of a rating; `None` where its text is no vector of the rating's version in the form that schemas accept.
fn parse(rating: &Cvss) -> Option<Vector> {
    let vector: Vector = rating.vector.parse().ok()?;
    // The crate reads small letters, any order and half a vector of version 3. Schemas take only capitals, with the order of the
    // specification in version 4, and each base metric.
    let well_formed = match (&vector, rating.version) {
        (Vector::CvssV20(_), CvssVersion::V2) => true,
        (Vector::CvssV30(v), CvssVersion::V30) | (Vector::CvssV31(v), CvssVersion::V31) => {
            has_base_metrics(v) && !rating.vector.contains(|c: char| c.is_ascii_lowercase())
        }
        (Vector::CvssV40(v), CvssVersion::V40) => v.to_string() == rating.vector,
        _ => false,
    };
    well_formed.then_some(vector)
}

fn has_base_metrics(v: &v3::Vector) -> bool {
    let exploitability = v.av.is_some() && v.ac.is_some() && v.pr.is_some() && v.ui.is_some();
    exploitability && v.s.is_some() && v.c.is_some() && v.i.is_some() && v.a.is_some()
}

/// Whether the text is a vector of the rating's version.
pub(super) fn is_vector(rating: &Cvss) -> bool {
    parse(rating).is_some()
}

/// Whether the text is a vector of the rating's version and gives the score: by its base metrics, in version 4 by all of its metrics.
pub(super) fn agrees(rating: &Cvss) -> bool {
    parse(rating).is_some_and(|vector| (vector.score() - f64::from(rating.score)).abs() < 0.01)
}
