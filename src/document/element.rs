//! The elements of HTML, as far as reading an article depends on them.

/// Elements whose content is no part of the article. The head of a page is
/// none of them: all that has text there is, and its end may be left out.
pub(super) const SKIPPED: &[&[u8]] = &[
    b"audio",
    b"button",
    b"canvas",
    b"iframe",
    b"math",
    b"nav",
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

/// Those of them whose content is no markup, so that nothing but their own
/// end ends them.
pub(super) const RAW: &[&[u8]] = &[b"iframe", b"script", b"style", b"textarea", b"title"];

/// Elements that begin and end blocks.
pub(super) const BLOCKS: &[&[u8]] = &[
    b"address",
    b"article",
    b"aside",
    b"blockquote",
    b"body",
    b"caption",
    b"center",
    b"dd",
    b"details",
    b"dialog",
    b"div",
    b"dl",
    b"dt",
    b"fieldset",
    b"figcaption",
    b"figure",
    b"footer",
    b"form",
    b"h1",
    b"h2",
    b"h3",
    b"h4",
    b"h5",
    b"h6",
    b"header",
    b"hr",
    b"html",
    b"legend",
    b"li",
    b"main",
    b"menu",
    b"ol",
    b"p",
    b"pre",
    b"section",
    b"summary",
    b"table",
    b"tbody",
    b"td",
    b"tfoot",
    b"th",
    b"thead",
    b"tr",
    b"ul",
];

/// Elements that hold inline code.
pub(super) const CODE: &[&[u8]] = &[b"code", b"kbd", b"samp", b"tt", b"var"];
