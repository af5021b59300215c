//! The messages that match, without looking at all of them.
//!
//! A message lies in a capture as it is, so a text that every match contains can be searched for in the bytes of many
//! messages at once. Where it is not, there is nothing to be found; where it is, the messages before it are stepped over
//! by their length.

use super::answer::Answer;
use super::evaluate::FlowFilter;
use super::regex::Literal;
use crate::Error;
use crate::flow::{Message, Messages};

/// Texts of which every match contains one.
#[derive(Clone, Debug)]
pub(super) struct Needles<'f> {
    literals: Vec<&'f Literal>,
}

/// So many texts are searched for one by one; with more the messages are walked.
const MAX_NEEDLES: usize = 4;

impl<'f> Needles<'f> {
    /// `None` if there are none, or too many.
    pub(super) fn new(literals: &'f [Literal]) -> Option<Needles<'f>> {
        (1..=MAX_NEEDLES).contains(&literals.len()).then(|| Needles { literals: literals.iter().collect() })
    }

    /// Of two choices, for a conjunction, the one that is found less often: the one with longer texts.
    pub(super) fn better(self, other: Needles<'f>) -> Needles<'f> {
        let shortest = |needles: &Needles<'_>| needles.literals.iter().map(|literal| literal.len()).min();
        if shortest(&other) > shortest(&self) { other } else { self }
    }

    /// Both, for a disjunction, if that is not too many.
    pub(super) fn either(mut self, other: Needles<'f>) -> Option<Needles<'f>> {
        self.literals.extend(other.literals);
        (self.literals.len() <= MAX_NEEDLES).then_some(self)
    }
}

/// The messages of a run that match a filter.
#[derive(Debug)]
pub struct Matches<'m, 'p> {
    filter: &'m FlowFilter<'m>,
    messages: Messages<'p>,
    /// For each needle how many bytes before the end of the run it is next.
    next: Vec<Option<usize>>,
}

impl<'m, 'p> Matches<'m, 'p> {
    pub(super) fn new(filter: &'m FlowFilter<'m>, messages: Messages<'p>) -> Matches<'m, 'p> {
        let bytes = messages.rest().len();
        // A needle that has not been looked for yet is behind what has been walked.
        let next = filter.needles().map(|needles| vec![Some(bytes + 1); needles.literals.len()]).unwrap_or_default();
        Matches { filter, messages, next }
    }

    /// Steps over the messages before the next one that may match. `None`: none may.
    fn skip(&mut self) -> Option<()> {
        let Some(needles) = self.filter.needles() else { return Some(()) };
        let rest = self.messages.rest();
        for (needle, next) in needles.literals.iter().zip(&mut self.next) {
            // What was found ahead is still ahead.
            if next.is_some_and(|next| next > rest.len()) {
                *next = needle.find(rest).map(|at| rest.len() - at);
            }
        }
        let hit = self.next.iter().flatten().max()?;
        loop {
            let mut ahead = self.messages.clone();
            match ahead.step_over()? {
                Ok(_) if ahead.rest().len() >= *hit => self.messages = ahead,
                // The walk tells a fault.
                _ => return Some(()),
            }
        }
    }
}

impl<'p> Matches<'_, 'p> {
    /// Whether one of the messages matches; broken ones are passed over.
    pub(super) fn answer(mut self) -> Answer {
        Answer::any(std::iter::from_fn(|| self.ask_next()).map(|asked| asked.map_or(Answer::No, |(answer, _)| answer)))
    }

    /// Asks the next message that may match.
    fn ask_next(&mut self) -> Option<Result<(Answer, Message<'p>), Error>> {
        self.skip()?;
        Some(self.messages.next()?.map(|message| (self.filter.answer(&message), message)))
    }
}

impl<'p> Iterator for Matches<'_, 'p> {
    type Item = Result<Message<'p>, Error>;

    /// The next message that matches, or that is broken.
    fn next(&mut self) -> Option<Self::Item> {
        loop {
            match self.ask_next()? {
                Ok((Answer::Yes, message)) => return Some(Ok(message)),
                Ok(_) => {}
                Err(error) => return Some(Err(error)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::filter::{Filter, Options};
    use crate::flow::Flow;

    /// The record of a connection with messages of these contents, every other from the client.
    fn record(contents: &[String]) -> Vec<u8> {
        let list = |items: &str| format!("{}:{items}]", items.len());
        let messages: String = contents
            .iter()
            .enumerate()
            .map(|(number, content)| {
                let from_client = if number % 2 == 0 { "4:true!" } else { "5:false!" };
                list(&format!("1:1#{from_client}{}:{content},3:1.5^5:false!5:false!", content.len()))
            })
            .collect();
        let websocket = format!("8:messages;{}", list(&messages));
        let flow = format!("4:type;4:http;9:websocket;{}:{websocket}}}", websocket.len());
        format!("{}:{flow}}}", flow.len()).into_bytes()
    }

    const EXPRESSIONS: &[&str] = &[
        "~b needle",
        "~b a",
        "~b ab",
        "~b \"\"",
        "~bq b",
        "~bs b & ~b a",
        "~b a | ~b bb",
        "~b a|bb|11",
        "~b a.*b",
        "~b ^a",
        "!~b a",
        "~b a & !~b b",
        "~client & ~b ab",
        "~b aa | ~b bb | ~b ab | ~b ba | ~b 11",
        "~b need.e & ~b n",
        "~b a | ~client",
        "~b false",
        r"~b \d",
        "~b \"(a)\\\\1\"",
        "~size 2 & ~b b",
        "~msg 3..5 ~b a",
    ];

    proptest! {
        #[test]
        fn the_messages_found_are_those_that_match(
            contents in prop::collection::vec("[abN1:,]{0,3}|[abN1:,]{0,12}|needle|xNEEDLEx|5:false!", 0..20),
        ) {
            let record = record(&contents);
            let flow = Flow::parse(&record).unwrap();
            let messages = || flow.websocket().unwrap().unwrap().messages().unwrap();
            for expression in EXPRESSIONS {
                let filter = Filter::parse_with(expression, &Options::default()).unwrap();
                let filter = filter.for_flow(&flow, 0);
                let found: Vec<_> = filter.select(messages()).map(|message| message.unwrap().index).collect();
                let expected: Vec<_> = messages()
                    .map(Result::unwrap)
                    .filter(|message| filter.matches(message))
                    .map(|message| message.index)
                    .collect();
                prop_assert_eq!(found, expected, "{}", expression);
            }
        }
    }
}
