//! The reader for raw exports: every answer is read as Markdown, and each
//! character leads back to the bytes of the JSON string that it was written
//! in. What the export declares about stretches of the answers is kept beside
//! the text, for the extractor and the rule that want it.

use crate::export::{self, Annotation, Answer, NoExport, Placement, Role};
use crate::text::{SourceMap, SourceSpan, Span, TextBuilder, offset};

use super::builder::Article;
use super::{Block, Declared, ExportFacts, Issue, Link, markdown};

/// An export as an article, with what it declares.
pub(super) struct Reading {
    pub(super) article: Article,
    pub(super) declared: Vec<Declared>,
    pub(super) facts: ExportFacts,
}

pub(super) fn read(source: &str) -> Result<Reading, NoExport> {
    let export = export::read(source)?;
    let mut joined = Joined::default();
    for trouble in &export.troubles {
        let issue = Issue { message: trouble.message.to_owned(), source: Some(trouble.source) };
        joined.article.issues.push(issue);
    }
    let mut measured = Vec::new();
    for answer in export.answers {
        joined.append(&answer);
        measured.push(answer.measured);
    }
    joined.article.text = Some(joined.text.finish());
    let facts = ExportFacts { vendor: export.vendor, measured };
    Ok(Reading { article: joined.article, declared: joined.declared, facts })
}

#[derive(Default)]
struct Joined {
    text: TextBuilder,
    article: Article,
    declared: Vec<Declared>,
}

impl Joined {
    fn append(&mut self, answer: &Answer) {
        let article = markdown::read(&answer.text);
        let (text, map) = article.text.unwrap_or_else(|| (answer.text.clone(), SourceMap::identity(answer.text.len())));
        if self.text.position() > 0 {
            let first = answer.map.source(Span::default()).start;
            self.text.synthetic("\n\n", first as usize);
        }
        let shift = self.text.position();
        self.text.append(&text, &map, &answer.map);
        let moved = |span: Span| Span::new(span.start + shift, span.end + shift);
        let placed = |source: SourceSpan| answer.map.source(Span::new(source.start, source.end));
        let blocks = article.blocks.into_iter();
        self.article.blocks.extend(blocks.map(|block| Block { span: moved(block.span), ..block }));
        self.article.links.extend(article.links.into_iter().map(|link| Link {
            span: moved(link.span),
            source: placed(link.source),
            ..link
        }));
        self.article.code.extend(article.code.into_iter().map(moved));
        self.article.raised.extend(article.raised.into_iter().map(moved));
        self.article
            .issues
            .extend(article.issues.into_iter().map(|issue| Issue { source: issue.source.map(placed), ..issue }));
        let end = offset(text.len());
        for annotation in answer.annotations.iter().filter(|annotation| annotation.role != Role::Aside) {
            let shown = |span: Span| map.text(SourceSpan::new(span.start, span.end)).unwrap_or(Span::new(end, end));
            let claimed = match &annotation.placement {
                Placement::Misfit(misfit) => misfit.at,
                other => other.span(),
            };
            let span = claimed.map_or(Span::new(end, end), shown);
            self.declared.push(Declared {
                span: moved(span),
                source: claimed.map(|span| answer.map.source(span)),
                stands: claimed.map(|span| span.slice(&answer.text).to_owned()).unwrap_or_default(),
                annotation: Annotation::clone(annotation),
            });
        }
    }
}
