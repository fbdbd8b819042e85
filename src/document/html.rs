//! The HTML reader: html5gum's tokens, with the place of every piece.
//!
//! A tree is not needed to read an article: blocks end where block elements
//! begin or end, and what is no article (scripts, navigation, forms) is
//! skipped by name. The tokenizer hands over text in pieces, entities apart,
//! and the position behind each piece; a piece that stands in the file just
//! before that position is verbatim, any other was written differently.

use html5gum::emitters::naive_next_state;
use html5gum::{Emitter, Error, State, Tokenizer};

use super::builder::{Article, ArticleBuilder, LinkMarkup};
use super::element::{BLOCKS, CODE, RAW, SKIPPED};
use super::pseudo::{is_pseudo_cite, is_pseudo_tag};
use super::{BlockKind, Issue};

/// Reads a whole HTML file.
pub(super) fn read(source: &str) -> Article {
    let mut builder = ArticleBuilder::new(source);
    read_fragment(&mut builder, 0..source.len(), Mode::Blocks);
    builder.finish()
}

/// Whether block elements end blocks, or only inline ones are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    Blocks,
    Inline,
}

/// Reads a part of the builder's source as HTML.
pub(super) fn read_fragment(builder: &mut ArticleBuilder<'_>, range: std::ops::Range<usize>, mode: Mode) {
    let Some(fragment) = builder.source.get(range.clone()) else {
        return;
    };
    let start = range.start;
    let mut reader = Reader { mode, position: start, cursor: start, limit: range.end, ..Reader::new(builder) };
    reader.read(fragment);
    // Each round reads an element that is never closed as part of the article,
    // and all of its name with it: there are as many rounds as names, at most.
    while let Some(skip) = reader.skip.take().filter(|_| mode == Mode::Blocks) {
        let name = String::from_utf8_lossy(&skip.name);
        if RAW.contains(&skip.name.as_slice()) {
            reader.builder.issue(Issue::new(format!("<{name}> is never closed; what follows it was not read")));
            break;
        }
        let message = format!("<{name}> is never closed; what follows it was read as part of the article");
        reader.builder.issue(Issue::new(message));
        let Some(rest) = reader.builder.source.get(skip.content..range.end) else { break };
        (reader.position, reader.drift, reader.cursor) = (skip.content, 0, skip.content);
        reader.never_closed.push(skip.reason);
        reader.read(rest);
    }
    if mode == Mode::Blocks {
        builder.close_block();
        builder.end_link(LinkMarkup::Html, range.end);
    }
}

#[derive(Debug)]
struct Skip {
    name: Vec<u8>,
    depth: u32,
    reason: SkipReason,
    /// Where its content starts in the source.
    content: usize,
}

/// Why an element is skipped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum SkipReason {
    /// Its name is this one of [`SKIPPED`].
    Name(&'static [u8]),
    /// It says that it is for navigation.
    Role,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Token {
    #[default]
    None,
    Start,
    End,
}

/// How far the tokenizer's count may be off, nearest first.
const SHIFTS: [isize; 17] = [0, 1, -1, 2, -2, 3, -3, 4, -4, 5, -5, 6, -6, 7, -7, 8, -8];

/// The emitter that the tokenizer drives.
#[derive(Debug)]
struct Reader<'b, 'a> {
    builder: &'b mut ArticleBuilder<'a>,
    mode: Mode,
    /// Offset in the source that the tokenizer has read up to.
    position: usize,
    /// What `position` is off by.
    drift: isize,
    /// End of the last piece or tag taken in.
    cursor: usize,
    /// End of what is read.
    limit: usize,
    token: Token,
    tag_start: usize,
    name: Vec<u8>,
    last_start_tag: Vec<u8>,
    attribute: Vec<u8>,
    value: Vec<u8>,
    href: Option<String>,
    is_navigation: bool,
    is_self_closing: bool,
    /// The first bytes of a character whose others come with the next piece.
    begun: Vec<u8>,
    skip: Option<Skip>,
    /// What is skipped no longer, because it would not end.
    never_closed: Vec<SkipReason>,
    raised: Option<u32>,
    in_heading: bool,
    in_item: bool,
    in_cell: bool,
    in_pre: bool,
}

impl<'b, 'a> Reader<'b, 'a> {
    fn new(builder: &'b mut ArticleBuilder<'a>) -> Self {
        Self {
            builder,
            mode: Mode::Blocks,
            position: 0,
            drift: 0,
            cursor: 0,
            limit: usize::MAX,
            token: Token::None,
            tag_start: 0,
            name: Vec::new(),
            last_start_tag: Vec::new(),
            attribute: Vec::new(),
            value: Vec::new(),
            href: None,
            is_navigation: false,
            is_self_closing: false,
            begun: Vec::new(),
            skip: None,
            never_closed: Vec::new(),
            raised: None,
            in_heading: false,
            in_item: false,
            in_cell: false,
            in_pre: false,
        }
    }

    fn read(&mut self, fragment: &str) {
        let _: Vec<()> = Tokenizer::new_with_emitter(fragment, self).map_while(Result::ok).collect();
    }

    fn kind(&self) -> BlockKind {
        match self {
            _ if self.in_pre => BlockKind::Code,
            _ if self.in_heading => BlockKind::Heading,
            _ if self.in_cell => BlockKind::TableCell,
            _ if self.in_item => BlockKind::ListItem,
            _ => BlockKind::Paragraph,
        }
    }

    /// Where the tokenizer has read up to, its own miscount put right. It
    /// miscounts broken declarations (`<!DOn …>`), so never before what was
    /// taken in, nor behind what it was given.
    fn here(&self) -> usize {
        let source = self.builder.source;
        source.floor_char_boundary(self.position.saturating_add_signed(self.drift)).min(self.limit).max(self.cursor)
    }

    /// The start of `piece`, if it stands in the file just before here, or just
    /// behind the piece before. After `&` and a character of several bytes the
    /// tokenizer counts its step back in characters, and it hands over late
    /// what might have been the end of a title; what a piece shows to be off
    /// by that is put right.
    fn start_of(&mut self, piece: &str) -> Option<usize> {
        let here = self.here();
        let adjoining = (self.cursor + piece.len()).checked_signed_diff(here).filter(|shift| SHIFTS.contains(shift));
        for shift in [0].into_iter().chain(adjoining).chain(SHIFTS) {
            let end = here.saturating_add_signed(shift);
            let start = end.checked_sub(piece.len())?;
            if self.cursor <= start && self.builder.source.get(start..end) == Some(piece) {
                self.drift += shift;
                return Some(start);
            }
        }
        None
    }

    /// Puts the miscount right where the byte just before here is known.
    fn settle_behind(&mut self, byte: u8) {
        let bytes = self.builder.source.as_bytes();
        let stands = |shift: &isize| {
            let before = self.here().saturating_add_signed(*shift).checked_sub(1);
            before.is_some_and(|at| bytes.get(at) == Some(&byte))
        };
        self.drift += SHIFTS.into_iter().find(stands).unwrap_or(0);
    }

    /// Takes in a piece of text. Behind an `&` the tokenizer hands over single
    /// bytes: a character that a piece begins waits for its end.
    fn bytes(&mut self, piece: &[u8]) {
        if self.begun.is_empty()
            && let Ok(piece) = std::str::from_utf8(piece)
        {
            return self.text(piece);
        }
        let mut whole = std::mem::take(&mut self.begun);
        whole.extend_from_slice(piece);
        if let Err(error) = std::str::from_utf8(&whole)
            && error.error_len().is_none()
        {
            self.begun = whole.split_off(error.valid_up_to());
        }
        if !whole.is_empty() {
            self.text(&String::from_utf8_lossy(&whole));
        }
    }

    fn text(&mut self, piece: &str) {
        let verbatim = self.start_of(piece);
        let end = self.here();
        let start = std::mem::replace(&mut self.cursor, end);
        let is_idle = !self.builder.is_open() && piece.trim_ascii().is_empty();
        if self.skip.is_some() || is_idle {
            return;
        }
        self.builder.ensure_block(self.kind(), start);
        if let Some(at) = verbatim {
            self.builder.verbatim(at..end);
        } else {
            let source = self.builder.source;
            self.builder.piece(piece, source.floor_char_boundary(start)..source.ceil_char_boundary(end));
        }
    }

    fn flush_attribute(&mut self) {
        if self.attribute == b"href" && self.href.is_none() {
            self.href = Some(String::from_utf8_lossy(&self.value).trim().to_owned());
        }
        self.is_navigation |= self.attribute == b"role" && self.value == b"navigation";
        if self.token == Token::Start {
            self.builder.note_anchor(&self.name, &self.attribute, &self.value);
        }
        self.attribute.clear();
        self.value.clear();
    }

    fn start_tag(&mut self) {
        let name = std::mem::take(&mut self.name);
        let href = self.href.take();
        let is_navigation = std::mem::take(&mut self.is_navigation);
        if let Some(skip) = &mut self.skip {
            skip.depth += u32::from(skip.name == name && !self.is_self_closing);
        } else if let Some(reason) = self.reason_to_skip(&name, is_navigation) {
            if self.mode == Mode::Blocks {
                self.builder.close_block();
            }
            // What closes itself has no content. Only XML means it so of all
            // elements, but whoever writes it means it in HTML, too.
            if !self.is_self_closing {
                self.skip = Some(Skip { name: name.clone(), depth: 1, reason, content: self.here() });
            }
        } else {
            self.open_element(&name, href);
        }
        self.last_start_tag = name;
    }

    fn reason_to_skip(&self, name: &[u8], is_navigation: bool) -> Option<SkipReason> {
        let by_name = SKIPPED.iter().find(|skipped| **skipped == name).map(|name| SkipReason::Name(name));
        let by_role = is_navigation.then_some(SkipReason::Role);
        by_name.or(by_role).filter(|reason| !self.never_closed.contains(reason))
    }

    fn open_element(&mut self, name: &[u8], href: Option<String>) {
        if name == b"a" {
            if let Some(href) = href {
                self.builder.begin_link(LinkMarkup::Html, href, self.tag_start);
            }
        } else if name == b"br" {
            if self.builder.is_open() {
                self.builder.piece("\n", self.tag_start..self.here());
            }
        } else if name == b"sup" {
            self.raised = Some(self.builder.position());
        } else if CODE.contains(&name) && !self.in_pre {
            if self.mode == Mode::Blocks {
                self.builder.ensure_block(self.kind(), self.tag_start);
            }
            self.builder.begin_code();
        } else if is_pseudo_tag(name) || is_pseudo_cite(name, self.builder.source, self.tag_start) {
            self.builder.ensure_block(self.kind(), self.tag_start);
            self.builder.verbatim(self.tag_start..self.here());
        } else if self.mode == Mode::Blocks && BLOCKS.contains(&name) {
            self.builder.close_block();
            self.enter(name, true);
        }
    }

    fn end_tag(&mut self) {
        let name = std::mem::take(&mut self.name);
        self.href = None;
        if let Some(skip) = &mut self.skip {
            if skip.name == name {
                skip.depth -= 1;
                if skip.depth == 0 {
                    self.skip = None;
                }
            }
        } else if name == b"a" {
            self.builder.end_link(LinkMarkup::Html, self.here());
        } else if name == b"sup" {
            if let Some(start) = self.raised.take() {
                self.builder.raise(start);
            }
        } else if CODE.contains(&name.as_slice()) {
            self.builder.end_code();
        } else if is_pseudo_tag(&name) || is_pseudo_cite(&name, self.builder.source, self.tag_start) {
            self.builder.verbatim(self.tag_start..self.here());
        } else if self.mode == Mode::Blocks && BLOCKS.contains(&name.as_slice()) {
            self.builder.close_block();
            self.enter(&name, false);
        }
    }

    /// Notes which kind of block the text that follows belongs to.
    fn enter(&mut self, name: &[u8], begins: bool) {
        match name {
            b"h1" | b"h2" | b"h3" | b"h4" | b"h5" | b"h6" => self.in_heading = begins,
            b"li" | b"dd" | b"dt" => self.in_item = begins,
            b"ul" | b"ol" | b"dl" if !begins => self.in_item = false,
            b"td" | b"th" => self.in_cell = begins,
            b"tr" | b"table" => self.in_cell = false,
            b"pre" => self.in_pre = begins,
            b"blockquote" if begins => self.builder.begin_quotation(),
            b"blockquote" => self.builder.end_quotation(),
            _ => {}
        }
    }
}

impl Emitter for &mut Reader<'_, '_> {
    type Token = ();

    fn set_last_start_tag(&mut self, last_start_tag: Option<&[u8]>) {
        self.last_start_tag = last_start_tag.unwrap_or_default().to_vec();
    }

    fn emit_eof(&mut self) {}

    fn emit_error(&mut self, _error: Error) {}

    fn should_emit_errors(&mut self) -> bool {
        false
    }

    fn pop_token(&mut self) -> Option<()> {
        None
    }

    fn emit_string(&mut self, piece: &[u8]) {
        self.bytes(piece);
    }

    fn init_start_tag(&mut self) {
        self.name.clear();
        self.is_self_closing = false;
        self.token = Token::Start;
    }

    fn init_end_tag(&mut self) {
        self.name.clear();
        self.token = Token::End;
    }

    fn init_comment(&mut self) {
        self.token = Token::None;
    }

    fn emit_current_tag(&mut self) -> Option<State> {
        self.flush_attribute();
        self.settle_behind(b'>');
        let is_start = self.token == Token::Start;
        if is_start {
            self.start_tag();
        } else {
            self.end_tag();
        }
        self.cursor = self.here();
        self.token = Token::None;
        if is_start && !self.is_self_closing { naive_next_state(&self.last_start_tag) } else { None }
    }

    fn emit_current_comment(&mut self) {
        self.cursor = self.here();
    }

    fn emit_current_doctype(&mut self) {
        self.cursor = self.here();
    }

    fn set_self_closing(&mut self) {
        self.is_self_closing = true;
    }

    fn set_force_quirks(&mut self) {}

    fn push_tag_name(&mut self, name: &[u8]) {
        self.name.extend(name);
    }

    fn push_comment(&mut self, _: &[u8]) {}

    fn push_doctype_name(&mut self, _: &[u8]) {}

    fn init_doctype(&mut self) {}

    fn init_attribute(&mut self) {
        self.flush_attribute();
    }

    fn push_attribute_name(&mut self, name: &[u8]) {
        self.attribute.extend(name);
    }

    fn push_attribute_value(&mut self, value: &[u8]) {
        self.value.extend(value);
    }

    fn set_doctype_public_identifier(&mut self, _: &[u8]) {}

    fn set_doctype_system_identifier(&mut self, _: &[u8]) {}

    fn push_doctype_public_identifier(&mut self, _: &[u8]) {}

    fn push_doctype_system_identifier(&mut self, _: &[u8]) {}

    fn start_open_tag(&mut self) {
        self.settle_behind(b'<');
        self.tag_start = self.builder.source.floor_char_boundary(self.here().saturating_sub(1)).max(self.cursor);
    }

    fn current_is_appropriate_end_tag_token(&mut self) -> bool {
        self.token == Token::End && !self.name.is_empty() && self.name == self.last_start_tag
    }

    fn move_position(&mut self, offset: isize) {
        self.position = self.position.saturating_add_signed(offset);
    }
}

#[cfg(test)]
#[path = "html_tests.rs"]
mod tests;
