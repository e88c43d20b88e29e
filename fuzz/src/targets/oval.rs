//! OVAL as the models of Trivy and Grype read it: any bytes are read or refused.

use seaworthy_publish::contract::{grype, trivy};

pub fn run(data: &[u8]) {
    let _ = (trivy(data), grype(data));
    // What lies in a definition is reached sooner when the frame around it stands.
    let Ok(text) = std::str::from_utf8(data) else { return };
    let framed = format!(
        "<oval_definitions xmlns=\"http://oval.mitre.org/XMLSchema/oval-definitions-5\" \
         xmlns:linux-def=\"http://oval.mitre.org/XMLSchema/oval-definitions-5#linux\">{text}</oval_definitions>"
    );
    let _ = (trivy(framed.as_bytes()), grype(framed.as_bytes()));
}
