//! An expression as a tree, and as text again.
//!
//! What is written in different ways and means the same is one tree: things side by side are a conjunction, a bare
//! regex is `~u`, and a conjunction in a conjunction is one.

use std::fmt;

use super::leaf::Leaf;
use super::lex::write_argument;
use super::operators::Argument;

/// An expression.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Expression {
    Leaf(Leaf),
    Not(Box<Expression>),
    And(Vec<Expression>),
    Or(Vec<Expression>),
}

impl Expression {
    /// The conjunction of several expressions, or the one that there is.
    pub(super) fn all(operands: Vec<Expression>) -> Expression {
        Expression::join(operands, Expression::And, |operand| match operand {
            Expression::And(inner) => Ok(inner),
            other => Err(other),
        })
    }

    /// The disjunction of several expressions, or the one that there is.
    pub(super) fn any(operands: Vec<Expression>) -> Expression {
        Expression::join(operands, Expression::Or, |operand| match operand {
            Expression::Or(inner) => Ok(inner),
            other => Err(other),
        })
    }

    fn join(
        operands: Vec<Expression>,
        make: fn(Vec<Expression>) -> Expression,
        open: fn(Expression) -> Result<Vec<Expression>, Expression>,
    ) -> Expression {
        let mut flat = Vec::with_capacity(operands.len());
        for operand in operands {
            match open(operand) {
                Ok(inner) => flat.extend(inner),
                Err(operand) => flat.push(operand),
            }
        }
        match flat.len() {
            1 => flat.remove(0),
            _ => make(flat),
        }
    }
}

impl Expression {
    /// What stands at the ends of the tree, in order.
    pub(super) fn leaves(&self) -> Vec<&Leaf> {
        let (mut leaves, mut open) = (Vec::new(), vec![self]);
        while let Some(expression) = open.pop() {
            match expression {
                Expression::Leaf(leaf) => leaves.push(leaf),
                Expression::Not(operand) => open.push(operand),
                Expression::And(operands) | Expression::Or(operands) => open.extend(operands.iter().rev()),
            }
        }
        leaves
    }
}

impl fmt::Display for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Expression::Leaf(leaf) => {
                let info = leaf.operator.info();
                write!(f, "~{}", info.code)?;
                if info.argument != Argument::None {
                    f.write_str(" ")?;
                    write_argument(f, &leaf.argument)?;
                }
                Ok(())
            }
            Expression::Not(operand) => {
                f.write_str("!")?;
                operand.fmt_in_parentheses(f)
            }
            Expression::And(operands) => join(f, operands, " & ", Expression::fmt_in_parentheses),
            // What `&` joins needs no parentheses there.
            Expression::Or(operands) => join(f, operands, " | ", |operand, f| write!(f, "{operand}")),
        }
    }
}

impl Expression {
    fn fmt_in_parentheses(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Expression::Leaf(_) | Expression::Not(_) => write!(f, "{self}"),
            // An operator must not touch the parenthesis behind it.
            Expression::And(_) | Expression::Or(_) => write!(f, "( {self} )"),
        }
    }
}

fn join(
    f: &mut fmt::Formatter<'_>,
    operands: &[Expression],
    separator: &str,
    operand: fn(&Expression, &mut fmt::Formatter<'_>) -> fmt::Result,
) -> fmt::Result {
    for (number, one) in operands.iter().enumerate() {
        if number > 0 {
            f.write_str(separator)?;
        }
        operand(one, f)?;
    }
    Ok(())
}
