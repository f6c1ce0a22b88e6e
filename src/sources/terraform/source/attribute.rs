//! Attributes, whose expressions are read when somebody asks for them, once.

use std::ops::Range;
use std::sync::{Arc, OnceLock};

use hcl_edit::expr::Expression;

use super::skeleton::without_needless_newlines;

/// How long the text of one expression may be, in bytes. The parser looks at all members of an object for each of them, so
/// that a long one could take minutes.
const MAX_EXPRESSION_BYTES: usize = 256 << 10;

/// A file with its text.
#[derive(Debug)]
pub(super) struct SourceText {
    /// Relative to the top of the repository.
    pub(super) path: String,
    pub(super) text: Arc<str>,
}

/// What a block says of one thing.
#[derive(Debug, Clone)]
pub(super) struct Attribute {
    /// Where it is written; `None` for what was made of another syntax.
    place: Option<(Arc<SourceText>, Range<usize>)>,
    read: OnceLock<Result<Box<Expression>, Unreadable>>,
}

/// Why an expression cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unreadable {
    pub(super) path: String,
    /// Counted from 1.
    pub(super) line: usize,
    pub(super) message: String,
    /// What is written there.
    pub(super) text: String,
}

impl Attribute {
    /// An expression that lies in a text.
    pub(super) fn unread(source: Arc<SourceText>, range: Range<usize>) -> Self {
        Self {
            place: Some((source, range)),
            read: OnceLock::new(),
        }
    }

    /// Its expression.
    pub(super) fn read(&self) -> Result<&Expression, &Unreadable> {
        let read = self.read.get_or_init(|| match &self.place {
            Some((source, range)) => parse(source, range).map(Box::new),
            None => Ok(Box::new(Expression::null())),
        });
        read.as_deref()
    }

    /// Its expression, where it can be read: for what has to be written out, such as the source of a module.
    pub(super) fn expression(&self) -> Option<&Expression> {
        self.read().ok()
    }

    /// What it says in plain text.
    pub(super) fn as_str(&self) -> Option<&str> {
        self.expression()?.as_str()
    }

    /// What it says in plain truth.
    pub(super) fn as_bool(&self) -> Option<bool> {
        self.expression()?.as_bool()
    }
}

impl From<Expression> for Attribute {
    fn from(expression: Expression) -> Self {
        Self {
            place: None,
            read: OnceLock::from(Ok(Box::new(expression))),
        }
    }
}

fn parse(source: &SourceText, range: &Range<usize>) -> Result<Expression, Unreadable> {
    let text = source.text.get(range.clone()).unwrap_or_default();
    let unreadable = |offset: usize, message: &str| {
        let before = source.text.get(..range.start + offset).unwrap_or_default();
        Unreadable {
            path: source.path.clone(),
            line: 1 + memchr::memchr_iter(b'\n', before.as_bytes()).count(),
            message: message.to_owned(),
            text: text.to_owned(),
        }
    };
    if text.len() > MAX_EXPRESSION_BYTES {
        return Err(unreadable(0, "this expression is too long to be read"));
    }
    hcl_edit::parser::parse_expr(text).or_else(|error| {
        // Terraform lets conditionals be broken over lines wherever it is inside brackets; the parser does not.
        hcl_edit::parser::parse_expr(&without_needless_newlines(text))
            .map_err(|_| unreadable(error.location().offset(), error.message()))
    })
}
