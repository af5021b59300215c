//! What a terminal shows as one: a letter with its marks, an emoji of several. The columns that they take are not the
//! sum of those of their characters.

use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::UnicodeWidthStr as _;

/// The clusters of a text (UAX #29), and the columns that each takes.
pub(super) fn clusters(text: &str) -> impl Iterator<Item = (&str, usize)> {
    text.graphemes(true).map(|cluster| (cluster, cluster.width()))
}
