//! What may be wrong with an expression that is sound and matches nothing.

use std::path::Path;

use wsflow::filter::{Filter, Operator};

use crate::report::shell_word;

/// What other languages have in the place of `!`, `&` and `|`.
const WORDS: [&str; 4] = ["and", "or", "not", "=="];

/// What somebody may have meant who got nothing.
pub(crate) fn of(filter: &Filter) -> Option<String> {
    filter.arguments(Operator::Url).into_iter().find_map(|regex| {
        if WORDS.contains(&regex) {
            return Some(format!("`{regex}` is a regex for the URL here; questions are joined by `!`, `&` and `|`"));
        }
        if ["ws://", "wss://"].iter().any(|scheme| regex.trim_start_matches('^').starts_with(scheme)) {
            return Some("`~u` sees URLs as mitmproxy does: they have http for ws, and https for wss".to_owned());
        }
        let is_file = Path::new(regex).is_file();
        is_file.then(|| {
            let file = shell_word(regex);
            format!(
                "`{regex}` is a file, but what comes first is EXPR, a regex for the URL here; see `wsflow ls {file}`"
            )
        })
    })
}
