//! Parses an expression into a tree. Each rule of the grammar in the [front page](super) is a method here.

use std::ops::Range;

use super::Options;
use super::error::{Error, Problem};
use super::expression::Expression;
use super::failures::Failures;
use super::leaf::Leaf;
use super::lex::{Lexer, Token};
use super::operators::{Argument, Operator};

/// How many operands `!` and parentheses may put into each other. Every level is a few calls deep, here and in evaluation;
/// nobody writes ten.
const MAX_DEPTH: usize = 101;

/// Parses a whole expression.
pub(super) fn parse(text: &str, options: &Options, failures: &Failures) -> Result<Expression, Error> {
    let mut parser = Parser { lexer: Lexer::new(text), options, failures, least: MAX_DEPTH };
    let mut operands = vec![parser.disjunction(MAX_DEPTH)?];
    loop {
        match parser.lexer.connective() {
            Token::End => return Ok(Expression::all(operands)),
            Token::Close => {
                let here = parser.lexer.here();
                return Err(parser.lexer.error(here, Problem::UnopenedParenthesis));
            }
            // As text again they stand in parentheses.
            _ if parser.least == 0 => {
                let here = parser.lexer.here();
                return Err(parser.lexer.error(here, Problem::TooDeep));
            }
            _ => operands.push(parser.disjunction(MAX_DEPTH - 1)?),
        }
    }
}

struct Parser<'e> {
    lexer: Lexer<'e>,
    options: &'e Options,
    failures: &'e Failures,
    /// How many levels were left where it was deepest.
    least: usize,
}

impl Parser<'_> {
    fn disjunction(&mut self, depth: usize) -> Result<Expression, Error> {
        let mut operands = vec![self.conjunction(depth)?];
        while self.lexer.connective() == Token::Or {
            self.lexer.consume();
            operands.push(self.conjunction(depth)?);
        }
        Ok(Expression::any(operands))
    }

    fn conjunction(&mut self, depth: usize) -> Result<Expression, Error> {
        let mut operands = vec![self.operand(depth)?];
        while self.lexer.connective() == Token::And {
            self.lexer.consume();
            operands.push(self.operand(depth)?);
        }
        Ok(Expression::all(operands))
    }

    fn operand(&mut self, depth: usize) -> Result<Expression, Error> {
        let (token, span) = self.lexer.operand()?;
        let Some(depth) = depth.checked_sub(1) else {
            return Err(self.lexer.error(span, Problem::TooDeep));
        };
        self.least = self.least.min(depth);
        match token {
            Token::Not => Ok(Expression::Not(Box::new(self.operand(depth)?))),
            Token::Open => self.parenthesis(depth, span),
            Token::Operator(operator) => self.operator(operator, span),
            Token::Regex(text) => self.leaf(Operator::Url, text, span),
            Token::Close | Token::And | Token::Or | Token::End => Err(self.lexer.error(span, Problem::OperandMissing)),
        }
    }

    fn parenthesis(&mut self, depth: usize, open: Range<usize>) -> Result<Expression, Error> {
        let inner = self.disjunction(depth)?;
        match self.lexer.connective() {
            Token::Close => {
                self.lexer.consume();
                Ok(inner)
            }
            Token::End => Err(self.lexer.error(open, Problem::UnclosedParenthesis)),
            _ => {
                let here = self.lexer.here();
                Err(self.lexer.error(here, Problem::SideBySide))
            }
        }
    }

    fn operator(&mut self, operator: Operator, span: Range<usize>) -> Result<Expression, Error> {
        let info = operator.info();
        let argument = match info.argument {
            Argument::None => Some((String::new(), span.clone())),
            Argument::Digits => self.lexer.digits(),
            _ => self.lexer.argument()?,
        };
        match argument {
            Some((argument, span)) => self.leaf(operator, argument, span),
            None if matches!(info.argument, Argument::Regex { .. }) && self.lexer.is_at_parenthesis() => {
                let here = self.lexer.here();
                Err(self.lexer.error(here, Problem::Unquoted(info)))
            }
            None => Err(self.lexer.error(span, Problem::ArgumentMissing(info))),
        }
    }

    fn leaf(&mut self, operator: Operator, argument: String, span: Range<usize>) -> Result<Expression, Error> {
        match Leaf::new(operator, argument, self.options, self.failures) {
            Ok(leaf) => Ok(Expression::Leaf(leaf)),
            Err(why) => Err(self.lexer.error(span, Problem::Argument(operator.info(), why))),
        }
    }
}
