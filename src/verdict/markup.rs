//! One pass over a page's markup: its title, its `meta` elements, its JSON-LD,
//! its anchors, and the text that a reader sees. No tree is built, so hostile
//! nesting costs nothing, and everything kept has a limit.

use std::convert::Infallible;

use html5gum::emitters::callback::{CallbackEmitter, CallbackEvent};
use html5gum::{Span, Tokenizer};

/// Longest text kept, in bytes.
const LONGEST_TEXT: usize = 1 << 20;

/// A longer attribute value is left out. Bytes.
const LONGEST_VALUE: usize = 8 * 1024;

/// A longer JSON-LD script is left out. Bytes.
const LONGEST_SCRIPT: usize = 256 * 1024;

/// Most `meta` elements, JSON-LD scripts and attributes of a tag kept.
const MOST: usize = 64;

/// Most anchors kept.
const MOST_ANCHORS: usize = 4096;

/// What a page's markup holds.
#[derive(Debug, Default)]
pub(super) struct Markup {
    /// The text of the first `title` outside of drawings.
    pub title: String,
    /// The text of the first `h1`.
    pub heading: String,
    /// Name (lower-case) and content of each `meta`.
    pub metas: Vec<(String, String)>,
    /// The text of each `application/ld+json` script.
    pub linked_data: Vec<String>,
    /// The `lang` of the root element.
    pub language: Option<String>,
    /// The `datetime` of each `time`, and whether it is marked as the time of
    /// publication.
    pub times: Vec<(bool, String)>,
    /// Every `id`, and the `name` of every `a`, in order.
    pub anchors: Vec<String>,
    /// The visible text, white space collapsed, one line per block.
    pub text: String,
    /// The part of `text` that is no navigation, header, footer or aside.
    pub main: String,
    /// Whether `text` is all of it.
    pub is_whole: bool,
    /// Whether a password is asked for.
    pub has_password_field: bool,
    /// Whether scripts are loaded.
    pub has_scripts: bool,
    /// Whether there is an empty element of the kind that scripts fill.
    pub has_mount: bool,
    /// The text of `noscript` elements.
    pub without_scripts: String,
    /// Whether the page sends readers on by itself.
    pub has_refresh: bool,
}

/// Elements whose content no reader sees.
const HIDDEN: &[&[u8]] = &[
    b"audio",
    b"canvas",
    b"iframe",
    b"math",
    b"noscript",
    b"object",
    b"script",
    b"select",
    b"style",
    b"svg",
    b"template",
    b"textarea",
    b"title",
    b"video",
];

/// Elements of a page's frame.
const FRAME: &[&[u8]] = &[b"nav", b"footer", b"aside", b"header"];

/// Elements within a line; all others end it.
const INLINE: &[&[u8]] = &[
    b"a", b"abbr", b"acronym", b"b", b"bdi", b"bdo", b"big", b"cite", b"code", b"data", b"del", b"dfn", b"em", b"font",
    b"i", b"img", b"ins", b"kbd", b"label", b"mark", b"nobr", b"q", b"rb", b"rt", b"ruby", b"s", b"samp", b"small",
    b"span", b"strike", b"strong", b"sub", b"sup", b"time", b"tt", b"u", b"var", b"wbr",
];

/// Ids of the elements that frameworks fill by script.
const MOUNTS: &[&str] = &["root", "app", "__next", "__nuxt", "react-root", "ember-root", "svelte"];

/// Reads a page's markup.
pub(super) fn read(source: &str) -> Markup {
    let mut reader = Reader { page: Markup { is_whole: true, ..Markup::default() }, ..Reader::default() };
    let emitter = CallbackEmitter::new(|event: CallbackEvent<'_>, _: Span<()>| -> Option<Infallible> {
        reader.event(&event);
        None
    });
    Tokenizer::new_with_emitter(source, emitter).for_each(drop);
    reader.finish()
}

#[derive(Debug, Default)]
struct Reader {
    page: Markup,
    tag: Vec<u8>,
    attribute: Vec<u8>,
    attributes: Vec<(String, String)>,
    /// The hidden element that is open, and how deep in itself.
    hidden: Option<(Vec<u8>, usize)>,
    /// Whether the open script is JSON-LD.
    is_linked_data: bool,
    /// How many of each element of [`FRAME`] are open.
    frame: [usize; 4],
    /// How many `article` and `main` are open: a header in one is its own.
    bodies: usize,
    in_heading: bool,
    had_heading: bool,
    had_title: bool,
}

impl Reader {
    fn event(&mut self, event: &CallbackEvent<'_>) {
        match event {
            &CallbackEvent::OpenStartTag { name } => {
                self.tag.clear();
                self.tag.extend_from_slice(name);
                self.attributes.clear();
            }
            &CallbackEvent::AttributeName { name } => {
                self.attribute.clear();
                self.attribute.extend_from_slice(name);
                if name == b"hidden" {
                    self.keep_attribute(b"");
                }
            }
            CallbackEvent::AttributeValue { value } => self.keep_attribute(value),
            CallbackEvent::CloseStartTag { self_closing } => {
                let name = std::mem::take(&mut self.tag);
                self.start(&name, *self_closing);
                self.tag = name;
            }
            CallbackEvent::EndTag { name } => self.end(name),
            CallbackEvent::String { value } => self.string(value),
            CallbackEvent::Comment { .. } | CallbackEvent::Doctype { .. } | CallbackEvent::Error(_) => {}
        }
    }

    fn keep_attribute(&mut self, value: &[u8]) {
        const READ: &[&[u8]] =
            &[b"id", b"name", b"lang", b"content", b"property", b"itemprop", b"http-equiv", b"type", b"src", b"role"];
        let is_read = READ.contains(&self.attribute.as_slice()) || self.attribute == b"datetime" && self.tag == b"time";
        if is_read && value.len() <= LONGEST_VALUE && self.attributes.len() < MOST {
            let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
            self.attributes.push((text(&self.attribute), text(value)));
        }
    }

    fn value(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    fn start(&mut self, name: &[u8], self_closing: bool) {
        if let Some((hidden, depth)) = &mut self.hidden {
            *depth += usize::from(hidden.as_slice() == name);
            return;
        }
        self.note_anchor(name);
        match name {
            b"html" => self.page.language = self.value("lang").map(str::to_owned),
            b"meta" => self.meta(),
            b"time" => {
                let is_marked = self.value("itemprop").is_some_and(|property| property == "datePublished");
                if let Some(time) = self.value("datetime").filter(|_| self.page.times.len() < MOST) {
                    let time = (is_marked, time.to_owned());
                    self.page.times.push(time);
                }
            }
            b"input" => {
                self.page.has_password_field |=
                    self.value("type").is_some_and(|kind| kind.eq_ignore_ascii_case("password"));
            }
            b"script" => {
                let kind = self.value("type").unwrap_or_default();
                let is_loaded = self.value("src").is_some() || kind == "module";
                self.is_linked_data = kind.trim().eq_ignore_ascii_case("application/ld+json");
                self.page.has_scripts |= is_loaded;
            }
            b"article" | b"main" => self.bodies += 1,
            b"h1" if !self.had_heading => (self.in_heading, self.had_heading) = (true, true),
            _ => {}
        }
        if HIDDEN.contains(&name) && !(self_closing && matches!(name, b"svg" | b"math")) {
            self.hidden = Some((name.to_vec(), 1));
        }
        if let Some(open) = self.frame_of(name) {
            *open += 1;
        }
        self.break_at(name);
    }

    /// The counter of a frame element; an article's own header is no frame.
    fn frame_of(&mut self, name: &[u8]) -> Option<&mut usize> {
        let index = FRAME.iter().position(|known| *known == name)?;
        let is_own = name == b"header" && self.bodies > 0;
        self.frame.get_mut(index).filter(|_| !is_own)
    }

    fn note_anchor(&mut self, name: &[u8]) {
        let id = self.value("id").map(str::to_owned);
        let named = (name == b"a").then(|| self.value("name").map(str::to_owned)).flatten();
        if let Some(id) = &id {
            self.page.has_mount |= name == b"div" && MOUNTS.contains(&id.as_str());
        }
        for anchor in id.into_iter().chain(named) {
            if self.page.anchors.len() < MOST_ANCHORS {
                self.page.anchors.push(anchor);
            } else {
                self.page.is_whole = false;
            }
        }
    }

    fn meta(&mut self) {
        let refreshes = |kind: &str| kind.eq_ignore_ascii_case("refresh");
        if self.value("http-equiv").is_some_and(refreshes) {
            // A bare number only reloads the page.
            self.page.has_refresh |=
                self.value("content").is_some_and(|content| content.to_ascii_lowercase().contains("url"));
        }
        let name = ["property", "name", "itemprop"].iter().find_map(|key| self.value(key));
        if let (Some(name), Some(content)) = (name, self.value("content"))
            && self.page.metas.len() < MOST
        {
            let pair = (name.to_ascii_lowercase(), content.to_owned());
            self.page.metas.push(pair);
        }
    }

    fn end(&mut self, name: &[u8]) {
        if let Some((hidden, depth)) = &mut self.hidden {
            if hidden.as_slice() == name {
                *depth -= 1;
                if *depth == 0 {
                    self.had_title |= name == b"title";
                    self.hidden = None;
                    self.is_linked_data = false;
                }
            } else if name == b"body" || name == b"html" {
                // It was never closed, and the page ends.
                self.page.is_whole = false;
                self.hidden = None;
            }
            return;
        }
        match name {
            b"article" | b"main" => self.bodies = self.bodies.saturating_sub(1),
            b"h1" => self.in_heading = false,
            _ => {}
        }
        if let Some(open) = self.frame_of(name) {
            *open = open.saturating_sub(1);
        }
        self.break_at(name);
    }

    fn break_at(&mut self, name: &[u8]) {
        if !INLINE.contains(&name) && self.hidden.is_none() {
            end_line(&mut self.page.text);
            end_line(&mut self.page.main);
        }
    }

    fn string(&mut self, value: &[u8]) {
        let text = String::from_utf8_lossy(value);
        match self.hidden.as_ref().map(|(name, _)| name.as_slice()) {
            Some(b"title") if !self.had_title => append(&mut self.page.title, &text),
            Some(b"script") if self.is_linked_data => {
                if text.len() <= LONGEST_SCRIPT && self.page.linked_data.len() < MOST {
                    self.page.linked_data.push(text.into_owned());
                }
            }
            Some(b"noscript") => {
                append(&mut self.page.without_scripts, text.get(..text.floor_char_boundary(2048)).unwrap_or_default());
            }
            Some(_) => {}
            None => self.visible(&text),
        }
    }

    fn visible(&mut self, text: &str) {
        if self.in_heading && self.page.heading.len() < LONGEST_VALUE {
            append(&mut self.page.heading, text);
        }
        if self.page.text.len() + text.len() > LONGEST_TEXT {
            self.page.is_whole = false;
            return;
        }
        append(&mut self.page.text, text);
        if self.frame.iter().all(|open| *open == 0) {
            append(&mut self.page.main, text);
        }
    }

    fn finish(mut self) -> Markup {
        // What is never closed swallowed the rest.
        self.page.is_whole &= self.hidden.is_none();
        end_line(&mut self.page.text);
        end_line(&mut self.page.main);
        self.page
    }
}

/// Appends `piece`, its white space collapsed.
fn append(text: &mut String, piece: &str) {
    for (index, word) in piece.split(char::is_whitespace).enumerate() {
        if index > 0 && !text.is_empty() && !text.ends_with([' ', '\n']) {
            text.push(' ');
        }
        text.push_str(word);
    }
}

/// Ends the line, unless it is empty.
fn end_line(text: &mut String) {
    let end = text.trim_end_matches(' ').len();
    text.truncate(end);
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn what_a_reader_sees() {
        let page = read(
            "<!doctype html><html lang=en-GB><head><!-- <title>no</title> --><TITLE>Tide &amp; mud</TITLE>\
             <style>p{}</style></head><body><nav><a href=/>Home</a></nav><main><header><h1>The <em>barrage</em></h1></header>\
             <p id=one>It  was\n<b>bu</b>ilt.<br>Late<p><a name=two></a>Then<svg><title>x</title></svg> more</main>\
             <footer>All rights</footer>",
        );
        assert_eq!(page.title, "Tide & mud");
        assert_eq!(page.heading, "The barrage");
        assert_eq!(page.text, "Home\nThe barrage\nIt was built.\nLate\nThen more\nAll rights\n");
        assert_eq!(page.main, "The barrage\nIt was built.\nLate\nThen more\n");
        assert_eq!(page.anchors, ["one", "two"]);
        assert_eq!(page.language.as_deref(), Some("en-GB"));
        assert!(page.is_whole);
    }

    #[test]
    fn torn_pages_give_what_was_whole() {
        for source in ["<", "<meta", "<meta content='", "<title>abc", "<!-- ", "<script>", "</", "<>", "<svg><p>text"] {
            let page = read(source);
            assert_eq!(page.metas.len(), 0, "{source}");
            assert!(!page.text.contains("text"), "{source}");
        }
        assert!(!read("<p>a<template>b").is_whole);
    }

    #[test]
    fn what_scripts_would_make_is_noted() {
        let page =
            read("<div id=root></div><noscript>You need to enable JavaScript.</noscript><script src=a.js></script>");
        assert!(page.has_mount && page.has_scripts && page.without_scripts.contains("JavaScript"));
        assert!(read("<input type=PASSWORD>").has_password_field);
        assert!(read("<meta http-equiv=Refresh content='0; URL=/b'>").has_refresh);
        assert!(!read("<meta http-equiv=refresh content=300>").has_refresh);
    }
}
