//! Evaluates an expression: for a flow as a whole, or for the messages of a flow one by one.
//!
//! For messages everything that asks the flow is answered first. What is left is a smaller expression that asks
//! messages only, with the cheap questions in front; it is constant more often than not.

use std::ops::RangeInclusive;

use super::answer::Answer;
use super::expression::Expression;
use super::failures::Failures;
use super::jq::Program;
use super::leaf::{Leaf, Value};
use super::operators::{Operator, Subject};
use super::question::{self, Bodies};
use super::regex::Pattern;
use super::search::{Matches, Needles};
use crate::flow::{Flow, Message, Messages};
use crate::websocket::Opcode;

/// Whether a flow matches as a whole.
pub(super) fn matches_flow(expression: &Expression, flow: &Flow<'_>, index: u64, failures: &Failures) -> Answer {
    of_flow(expression, flow, index, &Bodies::new(failures))
}

fn of_flow<'f>(expression: &Expression, flow: &Flow<'f>, index: u64, bodies: &Bodies<'f, '_>) -> Answer {
    let ask = |operand: &Expression| of_flow(operand, flow, index, bodies);
    match expression {
        Expression::Leaf(leaf) => match leaf.operator.info().subject {
            Subject::Flow => question::flow(leaf, flow, index),
            Subject::Message => question::bodies(leaf, flow, bodies).or(|| {
                let filter = FlowFilter::of(Rest::Test(MessageTest::new(leaf, flow)));
                all_messages(flow).map_or(Answer::No, |messages| filter.select(messages).answer())
            }),
        },
        Expression::Not(operand) => !ask(operand),
        Expression::And(operands) => Answer::all(in_order(operands).into_iter().map(ask)),
        Expression::Or(operands) => Answer::any(in_order(operands).into_iter().map(ask)),
    }
}

/// Operands in the order in which they are asked of a flow: what takes longer comes later.
fn in_order(operands: &[Expression]) -> Vec<&Expression> {
    let mut ordered: Vec<_> = operands.iter().collect();
    ordered.sort_by_key(|operand| flow_cost(operand));
    ordered
}

/// How much work it is to ask a flow, roughly.
fn flow_cost(expression: &Expression) -> u64 {
    match expression {
        Expression::Leaf(leaf) => match (leaf.operator.info().subject, leaf.operator) {
            (Subject::Flow, _) => 1,
            // Of every message, as all below.
            (Subject::Message, Operator::Jq) => 10_000_000,
            (Subject::Message, Operator::Body | Operator::BodyRequest | Operator::BodyResponse) => 100_000,
            (Subject::Message, _) => 10_000,
        },
        Expression::Not(operand) => flow_cost(operand),
        Expression::And(operands) | Expression::Or(operands) => operands.iter().map(flow_cost).sum(),
    }
}

/// The messages of a flow, if it is a WebSocket connection.
fn all_messages<'a>(flow: &Flow<'a>) -> Option<Messages<'a>> {
    flow.websocket().ok().flatten().and_then(|websocket| websocket.messages().ok())
}

/// A filter, for the messages of one flow.
#[derive(Clone, Debug)]
pub struct FlowFilter<'f> {
    rest: Rest<'f>,
    needles: Option<Needles<'f>>,
}

impl<'f> FlowFilter<'f> {
    pub(super) fn new(expression: &'f Expression, flow: &Flow<'f>, index: u64) -> FlowFilter<'f> {
        FlowFilter::of(Rest::new(expression, flow, index))
    }

    fn of(rest: Rest<'f>) -> FlowFilter<'f> {
        let needles = rest.needles();
        FlowFilter { rest, needles }
    }

    /// Whether any message of the flow can match. When not, none need be walked.
    pub fn may_match(&self) -> bool {
        !matches!(self.rest, Rest::Constant(Answer::No | Answer::Unknown))
    }

    /// Those of these messages that match, and the faults of all that are broken. Where the expression tells a text that
    /// has to be in them, only messages are asked that may have it.
    pub fn select<'m, 'p>(&'m self, messages: Messages<'p>) -> Matches<'m, 'p> {
        Matches::new(self, messages)
    }

    pub(super) fn needles(&self) -> Option<&Needles<'f>> {
        self.needles.as_ref()
    }

    /// Whether this message matches.
    #[inline]
    pub fn matches(&self, message: &Message<'_>) -> bool {
        self.answer(message).is_yes()
    }

    /// Whether this message does not match. Where something could not be answered it may neither match nor not, see
    /// [`Failures`](super::Failures).
    #[inline]
    pub fn excludes(&self, message: &Message<'_>) -> bool {
        self.answer(message).is_no()
    }

    #[inline]
    pub(super) fn answer(&self, message: &Message<'_>) -> Answer {
        self.rest.answer(message)
    }
}

/// What is left of an expression when all that it says about the flow is known.
#[derive(Clone, Debug)]
enum Rest<'f> {
    Constant(Answer),
    Test(MessageTest<'f>),
    Not(Box<Rest<'f>>),
    And(Vec<Rest<'f>>),
    Or(Vec<Rest<'f>>),
}

impl<'f> Rest<'f> {
    fn new(expression: &'f Expression, flow: &Flow<'f>, index: u64) -> Rest<'f> {
        match expression {
            Expression::Leaf(leaf) => match leaf.operator.info().subject {
                Subject::Flow => Rest::Constant(question::flow(leaf, flow, index)),
                Subject::Message => Rest::Test(MessageTest::new(leaf, flow)),
            },
            Expression::Not(operand) => match Rest::new(operand, flow, index) {
                Rest::Constant(answer) => Rest::Constant(!answer),
                rest => Rest::Not(Box::new(rest)),
            },
            Expression::And(operands) => Rest::join(operands, Answer::No, Rest::And, flow, index),
            Expression::Or(operands) => Rest::join(operands, Answer::Yes, Rest::Or, flow, index),
        }
    }

    /// Joins what is left of several expressions, of which one that is `decisive` decides.
    fn join(
        operands: &'f [Expression],
        decisive: Answer,
        make: fn(Vec<Rest<'f>>) -> Rest<'f>,
        flow: &Flow<'f>,
        index: u64,
    ) -> Rest<'f> {
        let mut rests = Vec::new();
        for operand in operands {
            match Rest::new(operand, flow, index) {
                Rest::Constant(answer) if answer == decisive => return Rest::Constant(decisive),
                Rest::Constant(answer) if answer == !decisive => {}
                rest => rests.push(rest),
            }
        }
        match rests.len() {
            0 => Rest::Constant(!decisive),
            1 => rests.remove(0),
            _ => {
                rests.sort_by_key(Rest::cost);
                make(rests)
            }
        }
    }

    /// How much work it is to answer, roughly: the cheap questions are asked first.
    fn cost(&self) -> u32 {
        match self {
            Rest::Constant(_) => 0,
            Rest::Test(test) => test.cost(),
            Rest::Not(rest) => rest.cost(),
            Rest::And(rests) | Rest::Or(rests) => rests.iter().map(Rest::cost).sum(),
        }
    }

    /// Texts of which one is in every message that matches.
    fn needles(&self) -> Option<Needles<'f>> {
        match self {
            Rest::Test(MessageTest::Content(pattern, _)) => Needles::new(pattern.required()),
            Rest::And(rests) => rests.iter().filter_map(Rest::needles).reduce(Needles::better),
            Rest::Or(rests) => {
                let mut needles = rests.iter().map(Rest::needles);
                let first = needles.next()??;
                needles.try_fold(first, |all, more| all.either(more?))
            }
            Rest::Constant(_) | Rest::Test(_) | Rest::Not(_) => None,
        }
    }

    fn answer(&self, message: &Message<'_>) -> Answer {
        match self {
            Rest::Constant(answer) => *answer,
            Rest::Test(test) => test.answer(message),
            Rest::Not(rest) => !rest.answer(message),
            Rest::And(rests) => Answer::all(rests.iter().map(|rest| rest.answer(message))),
            Rest::Or(rests) => Answer::any(rests.iter().map(|rest| rest.answer(message))),
        }
    }
}

/// A question to a message, with what it needs to know of the flow.
#[derive(Clone, Debug)]
enum MessageTest<'f> {
    Opcode(Opcode),
    FromClient(bool),
    Dropped,
    Injected,
    Size(&'f RangeInclusive<u64>),
    Position(&'f RangeInclusive<u64>),
    /// Later than this, in seconds since the Unix epoch.
    After(f64),
    Before(f64),
    /// In the content, whoever sent it or only from one side.
    Content(&'f Pattern, Option<bool>),
    /// In the content, which is JSON.
    Program(&'f Program),
    /// No message can match.
    Never,
}

impl<'f> MessageTest<'f> {
    fn new(leaf: &'f Leaf, flow: &Flow<'_>) -> MessageTest<'f> {
        let seconds = |instant: &super::time::Instant| {
            let first =
                all_messages(flow).filter(|_| instant.is_relative()).and_then(|mut messages| messages.next()?.ok());
            instant.seconds(first.as_ref().and_then(time))
        };
        match (leaf.operator, &leaf.value) {
            (Operator::Text, _) => MessageTest::Opcode(Opcode::Text),
            (Operator::Binary, _) => MessageTest::Opcode(Opcode::Binary),
            (Operator::Client, _) => MessageTest::FromClient(true),
            (Operator::Server, _) => MessageTest::FromClient(false),
            (Operator::Dropped, _) => MessageTest::Dropped,
            (Operator::Injected, _) => MessageTest::Injected,
            (Operator::Size, Value::Numbers(range)) => MessageTest::Size(range),
            (Operator::MessagePosition, Value::Numbers(range)) => MessageTest::Position(range),
            (Operator::After, Value::Time(instant)) => MessageTest::After(seconds(instant)),
            (Operator::Before, Value::Time(instant)) => MessageTest::Before(seconds(instant)),
            (Operator::Body, Value::Pattern(pattern)) => MessageTest::Content(pattern, None),
            (Operator::BodyRequest, Value::Pattern(pattern)) => MessageTest::Content(pattern, Some(true)),
            (Operator::BodyResponse, Value::Pattern(pattern)) => MessageTest::Content(pattern, Some(false)),
            (Operator::Jq, Value::Program(program)) => MessageTest::Program(program),
            _ => MessageTest::Never,
        }
    }

    fn cost(&self) -> u32 {
        match self {
            MessageTest::Program(_) => 10_000,
            MessageTest::Content(..) => 100,
            MessageTest::After(_) | MessageTest::Before(_) => 10,
            _ => 1,
        }
    }

    #[inline]
    fn answer(&self, message: &Message<'_>) -> Answer {
        let is_true = match self {
            MessageTest::Opcode(opcode) => message.opcode == *opcode,
            MessageTest::FromClient(from_client) => message.from_client == *from_client,
            MessageTest::Dropped => message.dropped,
            MessageTest::Injected => message.injected,
            MessageTest::Size(range) => range.contains(&(message.content.len() as u64)),
            MessageTest::Position(range) => range.contains(&message.index),
            // An infinite time is none, as one that is no number; neither is true of it.
            MessageTest::After(seconds) => time(message).is_some_and(|time| time > *seconds),
            MessageTest::Before(seconds) => time(message).is_some_and(|time| time < *seconds),
            MessageTest::Content(pattern, from_client) => {
                let is_asked = from_client.is_none_or(|from_client| message.from_client == from_client);
                return Answer::from(is_asked).and(|| pattern.is_in(message.content));
            }
            MessageTest::Program(program) => return program.is_true_of(message.content),
            MessageTest::Never => false,
        };
        is_true.into()
    }
}

/// When a message was sent, in seconds since the Unix epoch.
fn time(message: &Message<'_>) -> Option<f64> {
    Some(message.timestamp.seconds()).filter(|seconds| seconds.is_finite())
}
