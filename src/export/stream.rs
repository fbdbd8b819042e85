//! Archives too large to hold: the items of the outermost array, one at a
//! time. In memory is one conversation, whatever the size of the file.

use std::io::Read;

use super::answer::Answer;
use super::json::Tree;
use super::read::{NoExport, Reader, read_where};
use super::vendor::{self, Vendor};

/// Reads an export and hands out its answers one by one, of all conversations
/// or of the one with that identifier or title. The places in the answers
/// count from the beginning of their conversation.
///
/// # Errors
///
/// As [`read`](super::read()); also where `reader` fails.
pub fn read_each(
    mut reader: impl Read,
    conversation: Option<&str>,
    each: &mut dyn FnMut(Answer),
) -> Result<&'static Vendor, NoExport> {
    let mut items = Items::new(&mut reader);
    let first = items.next().transpose()?;
    let is_archive = first.as_deref().is_some_and(is_conversation);
    if !is_archive {
        // Nothing but archives is large.
        let source = items.rest()?;
        let export = read_where(source.trim_start_matches('\u{FEFF}'), conversation)?;
        export.answers.into_iter().for_each(each);
        return Ok(export.vendor);
    }
    let mut vendor = None;
    let mut count = 0_usize;
    let mut take = |item: &str| -> Result<(), NoExport> {
        let mut reader = Reader::new(item, conversation);
        let (tree, _) = Tree::parse(item, 0)?;
        reader.value(&tree);
        vendor = vendor.or(reader.vendor);
        count += reader.answers.len();
        reader.answers.into_iter().for_each(&mut *each);
        Ok(())
    };
    first.as_deref().map_or(Ok(()), &mut take)?;
    for item in items {
        take(&item?)?;
    }
    match vendor {
        None => Err(NoExport::Unknown),
        Some(_) if count == 0 => Err(NoExport::without_answers(conversation)),
        Some(vendor) => Ok(vendor),
    }
}

/// Whether an item is a conversation of an archive, and not a piece of a
/// stream.
fn is_conversation(item: &str) -> bool {
    Tree::parse(item, 0).is_ok_and(|(tree, _)| {
        vendor::of(tree.root()).is_some_and(|(vendor, _)| vendor.stream.is_none())
            && vendor::of_event(tree.root()).is_none()
    })
}

/// The arrays and objects in the outermost array of a text.
struct Items<R> {
    reader: R,
    /// What was read, from the end of the last item but one on.
    buffer: Vec<u8>,
    /// Bytes of it that were handed out, and that were looked at.
    handed_out: usize,
    scanned: usize,
    depth: usize,
    in_string: bool,
    is_escaped: bool,
    is_begun: bool,
    is_over: bool,
}

/// Bytes read at once.
const CHUNK: usize = 1 << 16;

impl<R: Read> Items<R> {
    fn new(reader: R) -> Self {
        Self {
            reader,
            buffer: Vec::new(),
            handed_out: 0,
            scanned: 0,
            depth: 0,
            in_string: false,
            is_escaped: false,
            is_begun: false,
            is_over: false,
        }
    }

    /// Everything from the beginning, while no more than one item was handed
    /// out.
    fn rest(mut self) -> Result<String, NoExport> {
        self.reader.read_to_end(&mut self.buffer).map_err(|error| NoExport::Unreadable(error.to_string()))?;
        text(&self.buffer)
    }

    /// Reads on; what was handed out is let go.
    fn fill(&mut self) -> Result<bool, NoExport> {
        self.buffer.drain(..self.handed_out);
        self.scanned -= self.handed_out;
        self.handed_out = 0;
        let read = (&mut self.reader).take(CHUNK as u64).read_to_end(&mut self.buffer);
        read.map(|length| length > 0).map_err(|error| NoExport::Unreadable(error.to_string()))
    }

    /// Looks at one byte; true where an item ends with it.
    fn step(&mut self, byte: u8) -> bool {
        if self.in_string {
            self.in_string = self.is_escaped || byte != b'"';
            self.is_escaped = byte == b'\\' && !self.is_escaped;
            return false;
        }
        match byte {
            b'"' => self.in_string = true,
            // One object, and no array.
            b'{' if self.depth == 0 => self.is_over = true,
            b'[' | b'{' => self.depth += 1,
            b']' | b'}' => {
                self.depth = self.depth.saturating_sub(1);
                self.is_over = self.depth == 0;
                return self.depth == 1;
            }
            // Something else than an array: no archive.
            _ if self.depth == 0 && !byte.is_ascii_whitespace() && !matches!(byte, 0xEF | 0xBB | 0xBF) => {
                self.is_over = true;
            }
            _ => {}
        }
        false
    }

    /// The item that ends at what was scanned, without what parts it from the
    /// one before.
    fn item(&mut self) -> Result<String, NoExport> {
        let bytes = self.buffer.get(self.handed_out..self.scanned).unwrap_or_default();
        let is_start = |byte: &u8| matches!(byte, b'{' | b'[');
        let mut start = bytes.iter().position(is_start).unwrap_or_default();
        if !self.is_begun {
            // The bracket of the outermost array.
            let inner = bytes.get(start + 1..).unwrap_or_default();
            start += 1 + inner.iter().position(is_start).unwrap_or_default();
        }
        self.is_begun = true;
        let item = text(bytes.get(start..).unwrap_or_default());
        self.handed_out = self.scanned;
        item
    }
}

impl<R: Read> Iterator for Items<R> {
    type Item = Result<String, NoExport>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.is_over {
            while let Some(byte) = self.buffer.get(self.scanned).copied().filter(|_| !self.is_over) {
                self.scanned += 1;
                if self.step(byte) {
                    return Some(self.item());
                }
            }
            if self.is_over {
                break;
            }
            match self.fill() {
                Ok(true) => {}
                // What is left was cut off; it is read as far as it goes.
                Ok(false) => {
                    self.is_over = true;
                    return (self.depth > 1).then(|| self.item());
                }
                Err(error) => {
                    self.is_over = true;
                    return Some(Err(error));
                }
            }
        }
        None
    }
}

fn text(bytes: &[u8]) -> Result<String, NoExport> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(text.to_owned()),
        Err(error) => Err(NoExport::Unreadable(format!("it is no UTF-8 from byte {} on", error.valid_up_to()))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_of_the_outermost_array() {
        let items = |source: &str| Items::new(source.as_bytes()).map(Result::unwrap).collect::<Vec<_>>();
        let source = r#" [ {"a": "]}\\\"["}, [1, 2], 3, {"b": {}} ] tail"#;
        assert_eq!(items(source), [r#"{"a": "]}\\\"["}"#, "[1, 2]", r#"{"b": {}}"#]);
        assert!(items(r#"{"a": [{}]}"#).is_empty());
        assert!(items("word [{}]").is_empty());
        assert_eq!(items(r#"[{"a": 1}, {"b": "#), [r#"{"a": 1}"#, r#"{"b": "#]);
    }
}
