//! JSON with places: every value knows the bytes it was read from.
//!
//! No ready reader gives what an export needs: the way from a character of an
//! answer back to the bytes of the JSON string it was written in, unpaired
//! surrogate escapes (Python and JavaScript write them), files that were cut
//! off, `NaN`. The parser keeps no stack of calls, so depth costs memory and
//! never a crash, and it reads each byte once.

use std::borrow::Cow;
use std::cell::Cell;
use std::ops::Range;

use thiserror::Error;

use crate::text::{SourceSpan, TextBuilder, offset};

use super::escape::{Piece, pieces};

/// Why a text is no JSON.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{message} (byte {at})")]
pub struct JsonError {
    /// The byte where reading stopped.
    pub at: usize,
    /// What stands there.
    pub message: &'static str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Null,
    True,
    False,
    Number,
    String,
    Array,
    Object,
}

/// A value, its bytes, and the index behind its last descendant. Children
/// follow their parent; in an object, keys and values alternate.
#[derive(Debug, Clone, Copy)]
struct Node {
    kind: Kind,
    start: u32,
    end: u32,
    next: u32,
}

/// One JSON value with all that is in it.
#[derive(Debug)]
pub(super) struct Tree<'s> {
    source: &'s str,
    nodes: Vec<Node>,
    /// Whether the text ended before the value did. Open strings, arrays and
    /// objects were closed there.
    pub(super) is_cut: bool,
    /// The first value that is not JSON but read as null: `NaN`, `Infinity`.
    pub(super) not_a_number: Option<u32>,
    /// Where a key that was asked for stands a second time; the last counts.
    duplicate: Cell<Option<u32>>,
}

impl<'s> Tree<'s> {
    /// Reads the value that starts at or after byte `from`, and says where it
    /// ends.
    pub(super) fn parse(source: &'s str, from: usize) -> Result<(Self, usize), JsonError> {
        let mut parser = Parser {
            source,
            bytes: source.as_bytes(),
            at: from,
            nodes: Vec::new(),
            open: Vec::new(),
            is_cut: false,
            not_a_number: None,
        };
        parser.run()?;
        let Parser { at, nodes, is_cut, not_a_number, .. } = parser;
        Ok((Self { source, nodes, is_cut, not_a_number, duplicate: Cell::new(None) }, at))
    }

    pub(super) fn root(&self) -> Value<'_> {
        Value { tree: self, index: 0 }
    }

    pub(super) fn duplicate(&self) -> Option<u32> {
        self.duplicate.get()
    }
}

/// What the parser may meet next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Expect {
    Value,
    ValueOrEnd,
    Key,
    KeyOrEnd,
    Colon,
    CommaOrEnd,
}

struct Parser<'s> {
    source: &'s str,
    bytes: &'s [u8],
    at: usize,
    nodes: Vec<Node>,
    /// The open arrays and objects, by index.
    open: Vec<u32>,
    is_cut: bool,
    not_a_number: Option<u32>,
}

impl Parser<'_> {
    fn run(&mut self) -> Result<(), JsonError> {
        let mut expect = Expect::Value;
        loop {
            self.at += self.bytes.get(self.at..).map_or(0, |rest| rest.iter().take_while(|b| is_space(**b)).count());
            let Some(byte) = self.bytes.get(self.at).copied() else {
                if self.nodes.is_empty() {
                    return Err(self.error("nothing stands here"));
                }
                self.is_cut = true;
                while self.close() {}
                return Ok(());
            };
            expect = self.step(byte, expect)?;
            if self.open.is_empty() && expect == Expect::CommaOrEnd {
                return Ok(());
            }
        }
    }

    fn step(&mut self, byte: u8, expect: Expect) -> Result<Expect, JsonError> {
        match (byte, expect) {
            (b']' | b'}', Expect::ValueOrEnd | Expect::KeyOrEnd | Expect::CommaOrEnd) => {
                if self.innermost() != Some(if byte == b']' { Kind::Array } else { Kind::Object }) {
                    return Err(self.error("this bracket closes another kind than was opened"));
                }
                self.at += 1;
                self.close();
                Ok(Expect::CommaOrEnd)
            }
            (b',', Expect::CommaOrEnd) => {
                self.at += 1;
                Ok(if self.innermost() == Some(Kind::Object) { Expect::Key } else { Expect::Value })
            }
            (b':', Expect::Colon) => {
                self.at += 1;
                Ok(Expect::Value)
            }
            (b'"', Expect::Key | Expect::KeyOrEnd) => {
                self.string();
                Ok(Expect::Colon)
            }
            (b'{' | b'[', Expect::Value | Expect::ValueOrEnd) => {
                let is_object = byte == b'{';
                self.open.push(offset(self.nodes.len()));
                self.push(if is_object { Kind::Object } else { Kind::Array }, self.at, self.at + 1);
                self.at += 1;
                Ok(if is_object { Expect::KeyOrEnd } else { Expect::ValueOrEnd })
            }
            (_, Expect::Value | Expect::ValueOrEnd) => {
                self.scalar(byte)?;
                Ok(Expect::CommaOrEnd)
            }
            (b'\'', _) => {
                Err(self.error("single quotes: this is Python's print-out, not JSON; save it with json.dumps"))
            }
            _ => Err(self.error("this is no JSON: something else was due here")),
        }
    }

    fn innermost(&self) -> Option<Kind> {
        self.open.last().and_then(|index| self.nodes.get(*index as usize)).map(|node| node.kind)
    }

    fn push(&mut self, kind: Kind, start: usize, end: usize) {
        let next = offset(self.nodes.len() + 1);
        self.nodes.push(Node { kind, start: offset(start), end: offset(end), next });
    }

    /// Closes the innermost container here.
    fn close(&mut self) -> bool {
        let next = offset(self.nodes.len());
        let Some(node) = self.open.pop().and_then(|index| self.nodes.get_mut(index as usize)) else { return false };
        node.end = offset(self.at);
        node.next = next;
        true
    }

    /// A string from its opening quotation mark; one that is cut off ends
    /// with the text.
    fn string(&mut self) {
        let start = self.at;
        let mut at = start + 1;
        loop {
            let rest = self.bytes.get(at..).unwrap_or_default();
            let Some(found) = memchr::memchr2(b'"', b'\\', rest) else {
                self.is_cut = true;
                self.at = self.bytes.len();
                break;
            };
            if rest.get(found) == Some(&b'"') {
                self.at = at + found + 1;
                break;
            }
            at = at.saturating_add(found + 2);
        }
        self.push(Kind::String, start, self.at);
    }

    fn scalar(&mut self, first: u8) -> Result<(), JsonError> {
        if first == b'"' {
            self.string();
            return Ok(());
        }
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let is_part = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'+' | b'.');
        let length = rest.iter().take_while(is_part).count();
        let word = self.source.get(self.at..self.at + length).unwrap_or_default();
        let kind = match word {
            "null" => Kind::Null,
            "true" => Kind::True,
            "false" => Kind::False,
            "NaN" | "Infinity" | "-Infinity" => {
                self.not_a_number.get_or_insert(offset(self.at));
                Kind::Null
            }
            "None" | "True" | "False" => {
                return Err(self.error("this is Python's print-out, not JSON; save it with json.dumps"));
            }
            _ if word.starts_with(|c: char| c.is_ascii_digit() || c == '-') => Kind::Number,
            // The text ends inside of a word.
            _ if self.at + length == self.bytes.len()
                && ["null", "true", "false"].iter().any(|whole| whole.starts_with(word)) =>
            {
                self.is_cut = true;
                Kind::Null
            }
            _ => return Err(self.error("this is no JSON: a value was due here")),
        };
        self.push(kind, self.at, self.at + length);
        self.at += length;
        Ok(())
    }

    fn error(&self, message: &'static str) -> JsonError {
        JsonError { at: self.at, message }
    }
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

/// A value of a tree, or the lack of one: asking a missing value for a member
/// gives a missing value, so that readers can name a path and look once.
#[derive(Debug, Clone, Copy)]
pub(super) struct Value<'t> {
    tree: &'t Tree<'t>,
    index: u32,
}

/// The index of no node: trees are smaller than their texts, which `offset`
/// holds under this.
const MISSING: u32 = u32::MAX;

impl<'t> Value<'t> {
    fn node(self) -> Option<&'t Node> {
        self.tree.nodes.get(self.index as usize)
    }

    fn kind(self) -> Option<Kind> {
        self.node().map(|node| node.kind)
    }

    fn with(self, index: u32) -> Self {
        Self { tree: self.tree, index }
    }

    /// Whether there is such a value, and it is not null.
    pub(super) fn exists(self) -> bool {
        !matches!(self.kind(), None | Some(Kind::Null))
    }

    pub(super) fn is_object(self) -> bool {
        self.kind() == Some(Kind::Object)
    }

    pub(super) fn is_array(self) -> bool {
        self.kind() == Some(Kind::Array)
    }

    pub(super) fn is_string(self) -> bool {
        self.kind() == Some(Kind::String)
    }

    pub(super) fn is_true(self) -> bool {
        self.kind() == Some(Kind::True)
    }

    /// The value's bytes in the file.
    pub(super) fn place(self) -> SourceSpan {
        self.node().map_or(SourceSpan::default(), |node| SourceSpan::new(node.start, node.end))
    }

    /// As the file writes it.
    pub(super) fn written(self) -> &'t str {
        self.tree.source.get(self.place().range()).unwrap_or_default()
    }

    fn children(self, container: Kind) -> Children<'t> {
        match self.node().filter(|node| node.kind == container) {
            Some(node) => Children { tree: self.tree, at: self.index + 1, end: node.next },
            None => Children { tree: self.tree, at: 0, end: 0 },
        }
    }

    /// An array's items.
    pub(super) fn items(self) -> impl Iterator<Item = Self> {
        self.children(Kind::Array)
    }

    /// An object's members, with their keys.
    pub(super) fn members(self) -> impl Iterator<Item = (Cow<'t, str>, Self)> {
        let mut children = self.children(Kind::Object);
        std::iter::from_fn(move || {
            let key = children.next()?;
            Some((key.text().unwrap_or_default(), children.next()?))
        })
    }

    /// The member of that name; of several the last, as everybody reads it.
    pub(super) fn at(self, name: &str) -> Self {
        let mut children = self.children(Kind::Object);
        let mut found = MISSING;
        while let Some(key) = children.next() {
            let Some(value) = children.next() else { break };
            if key.is(name) {
                if found != MISSING && self.tree.duplicate.get().is_none() {
                    self.tree.duplicate.set(Some(key.place().start));
                }
                found = value.index;
            }
        }
        self.with(found)
    }

    /// The first of these members that exists: the same field in two styles.
    pub(super) fn any(self, names: &[&str]) -> Self {
        names.iter().map(|name| self.at(name)).find(|value| value.exists()).unwrap_or(self.with(MISSING))
    }

    /// The item at `index`.
    pub(super) fn item(self, index: usize) -> Self {
        self.items().nth(index).unwrap_or(self.with(MISSING))
    }

    /// Whether it is the string `text`.
    pub(super) fn is(self, text: &str) -> bool {
        let Some(inside) = self.inside() else { return false };
        match self.tree.source.get(inside) {
            Some(written) if !written.contains('\\') => written == text,
            _ => self.text().is_some_and(|decoded| decoded == text),
        }
    }

    /// A string's bytes between its quotation marks.
    fn inside(self) -> Option<Range<usize>> {
        let node = self.node().filter(|node| node.kind == Kind::String)?;
        let (start, end) = (node.start as usize + 1, node.end as usize);
        let is_closed = self.tree.source.as_bytes().get(end - 1) == Some(&b'"') && start < end;
        let is_cut = self.tree.is_cut && end == self.tree.source.len();
        // In a text that is cut off, the last quotation mark may be an escaped one.
        let is_closed = is_closed && !(is_cut && ends_in_escape(self.tree.source.get(start..end).unwrap_or_default()));
        Some(start..if is_closed { end - 1 } else { end })
    }

    /// A string, decoded; unpaired surrogates are U+FFFD.
    pub(super) fn text(self) -> Option<Cow<'t, str>> {
        let written = self.tree.source.get(self.inside()?)?;
        if !written.contains('\\') {
            return Some(Cow::Borrowed(written));
        }
        let mut decoded = String::with_capacity(written.len());
        pieces(written, |piece| match piece {
            Piece::Plain(range) => decoded.push_str(written.get(range).unwrap_or_default()),
            Piece::Escape(_, c) => decoded.push(c),
        });
        Some(Cow::Owned(decoded))
    }

    /// The same, owned; empty strings count as none.
    pub(super) fn string(self) -> Option<String> {
        self.text().filter(|text| !text.is_empty()).map(Cow::into_owned)
    }

    /// Appends a string to a text, with the way back.
    pub(super) fn append_to(self, builder: &mut TextBuilder) {
        let Some(inside) = self.inside() else { return };
        let written = self.tree.source.get(inside.clone()).unwrap_or_default();
        pieces(written, |piece| match piece {
            Piece::Plain(range) => {
                builder.verbatim(written.get(range.clone()).unwrap_or_default(), inside.start + range.start);
            }
            Piece::Escape(range, c) => {
                let source = inside.start + range.start..inside.start + range.end;
                builder.decoded(c.encode_utf8(&mut [0; 4]), source);
            }
        });
    }

    /// A whole number, also one written as `12.0` or as a string, as some
    /// serialisers do.
    pub(super) fn integer(self) -> Option<i64> {
        let written = match self.kind()? {
            Kind::Number => Cow::Borrowed(self.written()),
            Kind::String => self.text()?,
            _ => return None,
        };
        written.parse().ok().or_else(|| written.strip_suffix(".0")?.parse().ok())
    }

    /// A whole number that is none below zero.
    pub(super) fn index(self) -> Option<usize> {
        self.integer().and_then(|number| usize::try_from(number).ok())
    }
}

/// Whether an odd number of backslashes stands before the last character.
fn ends_in_escape(written: &str) -> bool {
    let before = written.len().saturating_sub(1);
    let run = written.as_bytes().get(..before).unwrap_or_default().iter().rev().take_while(|b| **b == b'\\').count();
    run % 2 == 1
}

struct Children<'t> {
    tree: &'t Tree<'t>,
    at: u32,
    end: u32,
}

impl<'t> Iterator for Children<'t> {
    type Item = Value<'t>;

    fn next(&mut self) -> Option<Value<'t>> {
        let node = self.tree.nodes.get(self.at as usize).filter(|_| self.at < self.end)?;
        let value = Value { tree: self.tree, index: self.at };
        self.at = node.next;
        Some(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_know_their_bytes() {
        let source = r#" {"a": [1, "x\ny"], "a": {"b": 2.0}} {"#;
        let (tree, end) = Tree::parse(source, 0).unwrap();
        assert_eq!(source.get(end..), Some(" {"));
        assert_eq!(tree.root().at("a").at("b").integer(), Some(2));
        assert!(tree.duplicate().is_some());
        assert!(!tree.root().at("a").at("c").at("d").exists());
    }

    #[test]
    fn what_is_cut_off_is_read_as_far_as_it_goes() {
        for (source, text) in
            [(r#"{"a": ["one", "tw"#, "tw"), (r#"["a\""#, "a\""), (r#"["\"#, "\\"), (r#"["a\u00"#, "a\\u00")]
        {
            let (tree, _) = Tree::parse(source, 0).unwrap();
            assert!(tree.is_cut, "{source}");
            let list = if tree.root().is_object() { tree.root().at("a") } else { tree.root() };
            assert_eq!(list.items().last().unwrap().text().unwrap(), text);
        }
    }

    #[test]
    fn depth_is_no_danger() {
        let deep = "[".repeat(100_000) + &"]".repeat(100_000);
        assert!(Tree::parse(&deep, 0).is_ok_and(|(tree, _)| !tree.is_cut));
        assert!(Tree::parse("{'a': 1}", 0).is_err_and(|error| error.message.contains("Python")));
        assert!(Tree::parse("[}", 0).is_err());
    }
}
