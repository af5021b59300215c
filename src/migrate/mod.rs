//! Format versions: which can be read as they are.

use crate::flow::Version;
use crate::{Error, Situation};

/// Whether a flow of this version can be read.
///
/// # Errors
/// For versions whose layout is another, and for those that do not exist.
pub(crate) fn check(version: Version) -> Result<(), Error> {
    if (Version::ONE_RECORD..=Version::NEWEST).contains(&version) {
        Ok(())
    } else {
        Err(Error::new(Situation::UnknownVersion(version.to_string())).within("version"))
    }
}
