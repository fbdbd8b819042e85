//! From the text of a file to the answers in it: one JSON value, several in a
//! row, an array of them, or a stream of events.

use thiserror::Error;

use crate::text::SourceSpan;

use super::answer::Answer;
use super::draft::Draft;
use super::json::{JsonError, Tree, Value};
use super::measure::settle;
use super::vendor::{self, Vendor};

/// A read export.
#[derive(Debug)]
pub struct Export {
    /// The product that wrote it.
    pub vendor: &'static Vendor,
    /// Its answers, in the order of the file.
    pub answers: Vec<Answer>,
    /// What was odd about the file itself.
    pub troubles: Vec<Trouble>,
}

/// Something odd about an export, which could be read all the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// What, in one sentence.
    pub message: &'static str,
    /// Where in the file.
    pub source: SourceSpan,
}

/// Why a text is no export that can be read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NoExport {
    /// It is no JSON.
    #[error("this is no raw export: {0}")]
    Json(#[from] JsonError),
    /// It is JSON, of no product known.
    #[error("this is JSON, but no raw export of a product that obelus knows; README.md lists them")]
    Unknown,
    /// It is a known export in which nobody answers.
    #[error("this export holds no answer with text")]
    Empty,
    /// None of its conversations is called so.
    #[error("no conversation of this export has the identifier or title “{0}”, or nobody answers in it")]
    NoConversation(String),
    /// Its bytes cannot be had, or are no text.
    #[error("the export could not be read: {0}")]
    Unreadable(String),
}

impl NoExport {
    pub(super) fn without_answers(conversation: Option<&str>) -> Self {
        conversation.map_or(Self::Empty, |name| Self::NoConversation(name.to_owned()))
    }
}

/// Reads the text of a file, without its byte order mark.
///
/// # Errors
///
/// Where it is no JSON, none of a known product, or holds no answer.
pub fn read(source: &str) -> Result<Export, NoExport> {
    read_where(source, None)
}

/// The same, for one conversation of an archive, by its identifier or title.
///
/// # Errors
///
/// As [`read`]; also where no conversation is called so.
pub fn read_conversation(source: &str, conversation: &str) -> Result<Export, NoExport> {
    read_where(source, Some(conversation))
}

/// Whether a text looks like a raw export of a known product. It may be only
/// the beginning of a file; no more than its first values are read.
#[must_use]
pub fn is_export(source: &str) -> bool {
    /// Lists of messages may begin with what people wrote.
    const LOOK: usize = 16;
    let source = source.trim_start_matches('\u{FEFF}').trim_start();
    if is_event_stream(source) {
        let mut events = source.lines().filter_map(|line| line.strip_prefix("data:")).take(LOOK);
        return events.any(|data| Tree::parse(data, 0).is_ok_and(|(tree, _)| is_known(tree.root())));
    }
    if !source.starts_with(['{', '[']) {
        return false;
    }
    let mut at = usize::from(source.starts_with('['));
    for _ in 0..LOOK {
        let Ok((tree, end)) = Tree::parse(source, at) else { return false };
        if is_known(tree.root()) {
            return true;
        }
        let rest = source.get(end..).unwrap_or_default();
        at = source.len() - rest.trim_start_matches([',', ' ', '\n', '\r', '\t']).len();
    }
    false
}

fn is_known(value: Value<'_>) -> bool {
    vendor::of(value).is_some() || vendor::of_event(value).is_some()
}

pub(super) fn read_where(source: &str, conversation: Option<&str>) -> Result<Export, NoExport> {
    let mut reader = Reader::new(source, conversation);
    if is_event_stream(source) {
        reader.events()?;
    } else {
        reader.values()?;
    }
    let vendor = reader.vendor.ok_or(NoExport::Unknown)?;
    if reader.answers.is_empty() {
        return Err(NoExport::without_answers(conversation));
    }
    Ok(Export { vendor, answers: reader.answers, troubles: reader.troubles })
}

/// Whether the text is a stream of server-sent events (WHATWG HTML, 9.2).
fn is_event_stream(source: &str) -> bool {
    let start = source.trim_start();
    ["data:", "event:", "id:", "retry:", ":"].iter().any(|field| start.starts_with(field))
}

pub(super) struct Reader<'s> {
    source: &'s str,
    conversation: Option<&'s str>,
    pub(super) vendor: Option<&'static Vendor>,
    pub(super) answers: Vec<Answer>,
    troubles: Vec<Trouble>,
}

impl<'s> Reader<'s> {
    pub(super) fn new(source: &'s str, conversation: Option<&'s str>) -> Self {
        Self { source, conversation, vendor: None, answers: Vec::new(), troubles: Vec::new() }
    }

    /// JSON values in a row, and the items of arrays as if they stood in a
    /// row: an archive is never held as one tree.
    fn values(&mut self) -> Result<(), NoExport> {
        /// A file whose first values are of no product is of none.
        const LOOK: usize = 256;
        let mut at = 0;
        let mut in_array = false;
        let mut chunks: Vec<Tree<'s>> = Vec::new();
        let mut met = 0;
        loop {
            at += self.spaces(at);
            match self.source.as_bytes().get(at) {
                None if met == 0 && !in_array => return Err(JsonError { at, message: "the file is empty" }.into()),
                None => break,
                Some(b'[') if !in_array => (in_array, at) = (true, at + 1),
                Some(b']') if in_array => (in_array, at) = (false, at + 1),
                Some(b',') if in_array => at += 1,
                Some(_) => {
                    let (tree, end) = Tree::parse(self.source, at)?;
                    (met, at) = (met + 1, end);
                    if vendor::of_event(tree.root()).is_some() {
                        chunks.push(tree);
                    } else {
                        self.value(&tree);
                    }
                    if met == LOOK && chunks.is_empty() && self.vendor.is_none() {
                        return Err(NoExport::Unknown);
                    }
                }
            }
        }
        if in_array && let Some(last) = self.answers.last_mut().filter(|_| self.troubles.is_empty()) {
            // The array is not closed; its last item may still be whole.
            let end = crate::text::offset(self.source.len());
            self.troubles.push(Trouble { message: CUT, source: SourceSpan::new(end, end) });
            last.is_whole &= !chunks.is_empty() || self.source.trim_end().ends_with('}');
        }
        self.fold(&chunks);
        Ok(())
    }

    /// Server-sent events: each `data:` line holds one JSON value.
    fn events(&mut self) -> Result<(), NoExport> {
        let mut chunks = Vec::new();
        let mut at = 0;
        for line in self.source.split_inclusive('\n') {
            let start = at;
            at += line.len();
            let Some(data) = line.strip_prefix("data:") else { continue };
            let data = data.trim();
            if data.is_empty() || data == "[DONE]" {
                continue;
            }
            // The value ends with its line, or the stream breaks off here.
            let Some(whole) = self.source.get(..start + line.trim_end().len()) else { continue };
            let (tree, _) = Tree::parse(whole, start + "data:".len())?;
            chunks.push(tree);
        }
        if chunks.iter().all(|tree| vendor::of_event(tree.root()).is_none()) {
            for tree in &chunks {
                self.value(tree);
            }
            return Ok(());
        }
        self.fold(&chunks);
        Ok(())
    }

    pub(super) fn value(&mut self, tree: &Tree<'s>) {
        let Some((vendor, value)) = vendor::of(tree.root()) else { return };
        let mut drafts = Vec::new();
        (vendor.read)(value, &mut drafts);
        self.keep(vendor, drafts, tree.is_cut);
        self.note(tree);
    }

    fn fold(&mut self, chunks: &[Tree<'s>]) {
        let values: Vec<Value<'_>> = chunks.iter().map(Tree::root).collect();
        let Some((vendor, read)) = vendor::of_stream(&values) else { return };
        let mut drafts = Vec::new();
        read(&values, &mut drafts);
        self.keep(vendor, drafts, chunks.last().is_some_and(|tree| tree.is_cut));
        for tree in chunks {
            self.note(tree);
        }
    }

    fn keep(&mut self, vendor: &'static Vendor, drafts: Vec<Draft>, is_cut: bool) {
        self.vendor.get_or_insert(vendor);
        let last = drafts.len().saturating_sub(1);
        for (index, draft) in drafts.into_iter().enumerate() {
            let is_wanted = self
                .conversation
                .is_none_or(|name| draft.conversation.as_deref() == Some(name) || draft.title.as_deref() == Some(name));
            if is_wanted && !draft.text.text().trim().is_empty() {
                self.answers.push(settle(draft, !(is_cut && index == last)));
            }
        }
    }

    fn note(&mut self, tree: &Tree<'_>) {
        let mut note = |message, at: u32| {
            self.troubles.push(Trouble { message, source: SourceSpan::new(at, at) });
        };
        if tree.is_cut {
            note(CUT, crate::text::offset(self.source.len()));
        }
        if let Some(at) = tree.not_a_number {
            note("NaN and Infinity are no JSON; read as null", at);
        }
        if let Some(at) = tree.duplicate() {
            note("a key stands twice in one object; the last one counts", at);
        }
    }

    fn spaces(&self, at: usize) -> usize {
        let rest = self.source.as_bytes().get(at..).unwrap_or_default();
        rest.iter().take_while(|byte| byte.is_ascii_whitespace()).count()
    }
}

const CUT: &str = "the file breaks off before its JSON ends; what stands before was read";
