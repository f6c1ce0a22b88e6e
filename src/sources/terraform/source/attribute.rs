//! Attributes, whose expressions are read when somebody asks for them, once.

use std::ops::Range;
use std::sync::{Arc, OnceLock};

use hcl_edit::expr::Expression;

use super::skeleton::{mended, pairs_of_members};

/// How many pairs of members the objects of one expression may have: whoever puts an object together looks at all members
/// for each of them, so that a long one could take minutes.
pub(super) const MAX_PAIRS_OF_MEMBERS: u64 = 50_000_000;

/// Expressions shorter than this cannot have more pairs.
const SHORT_BYTES: usize = 32 << 10;

/// What is said of an object that is too long.
pub(super) const TOO_MANY_MEMBERS: &str = "an object has too many members to be read";

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

    /// What is written.
    pub(super) fn text(&self) -> &str {
        let place = self.place.as_ref();
        let written = place.and_then(|(source, range)| source.text.get(range.clone()));
        // Of another syntax, its text is what tells it from others.
        written.or_else(|| self.as_str()).unwrap_or_default().trim()
    }

    /// The file and the line that it is written on, counted from 1.
    pub(super) fn place(&self) -> Option<(&str, usize)> {
        let (source, range) = self.place.as_ref()?;
        let before = source.text.get(..range.start).unwrap_or_default();
        let line = 1 + memchr::memchr_iter(b'\n', before.as_bytes()).count();
        Some((&source.path, line))
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
    if text.len() > SHORT_BYTES && pairs_of_members(text) > MAX_PAIRS_OF_MEMBERS {
        return Err(unreadable(0, TOO_MANY_MEMBERS));
    }
    hcl_edit::parser::parse_expr(text).or_else(|error| {
        hcl_edit::parser::parse_expr(&mended(text))
            .map_err(|_| unreadable(error.location().offset(), error.message()))
    })
}
