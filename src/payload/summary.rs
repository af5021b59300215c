//! How summaries are worded.

/// Columns that are given to a word, in characters.
pub(super) const WORD: usize = 40;

/// Text as a word of a summary.
pub(super) fn short(text: &str) -> String {
    match text.char_indices().nth(WORD) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// That there is more than the first, which the summary is about.
pub(super) fn and_more(count: usize) -> String {
    if count > 1 { format!(" and {} more", count - 1) } else { String::new() }
}
