//! Characters in hosts, addresses and labels that deceive the eye.

use idna::domain_to_unicode;

use crate::citation::{Address, Citation, Kind};
use crate::finding::{Confidence, Evidence, Finding};
use crate::language::{Alphabet, alphabet};
use crate::rules::TextContext;

rule! {
    /// # What it finds
    ///
    /// A citation whose host, address or label holds a character that hides or imitates: controls that reverse the order of letters, characters without width, letters of two alphabets in one part of a host (`exаmple.org` with a Cyrillic а), or a host of foreign letters that all look Latin.
    ///
    /// # Why it matters
    ///
    /// The reader sees one host and is led to another; or the address fails for a reason that nobody can see.
    ///
    /// # How it knows
    ///
    /// By the code points. Latin may stand beside Chinese, Japanese or Korean in one part of a host, as the profile “highly restrictive” of Unicode Technical Standard 39 allows; other mixtures may not. Joiners that Arabic and Indian scripts need in a path are no alarm.
    ///
    /// # Example
    ///
    ///     The fee was waived. ([exаmple.org](https://exаmple.org/fee))
    ///
    /// # Repaired
    ///
    /// By an editor who looks up the true address. Nothing is guessed.
    ///
    /// # Limits
    ///
    /// Look-alikes within one alphabet (`rn` for `m`) are not judged. Direction marks around an address, as Arabic and Hebrew typesetting wants them, are in order.
    name: "encoding/deceptive", family: Encoding, severity: Warning,
    summary: "a character that hides or imitates in a host, URL or label",
    check: Text(check),
}

const CERTAIN: Confidence = Confidence::from_thousandths(960);

fn check(context: &TextContext<'_>, findings: &mut Vec<Finding>) {
    let text = &context.document.text;
    for (index, citation) in context.citations.iter().enumerate() {
        let written = citation.span.slice(text);
        if written.is_ascii() && leads_plainly(citation) {
            continue;
        }
        let mut evidence = hidden(citation, written);
        evidence.extend(imitations(citation));
        let Some(first) = evidence.first() else { continue };
        let message = match first.kind {
            "mixed-alphabets" | "imitation" => format!("the host is not what it looks like: {}", first.text),
            _ => format!("the citation holds {}, which nobody can see", first.text),
        };
        let mut finding = Finding::new(&META, citation.span, CERTAIN, message);
        finding.citations = vec![index];
        finding.evidence = evidence;
        findings.push(finding);
    }
}

/// Whether nothing can hide in what the citation leads to: all of it is ASCII,
/// and none of that stands for anything else.
fn leads_plainly(citation: &Citation) -> bool {
    let address = citation.target.as_ref().map(|target| target.address.as_ref());
    address.is_none_or(|address| address.is_some_and(Address::is_plain))
}

/// Characters without width and controls of direction, in the label or in
/// the address.
fn hidden(citation: &Citation, written: &str) -> Vec<Evidence> {
    let written = if written.is_ascii() { "" } else { written };
    let shows_address = matches!(citation.kind, Kind::DomainLabel | Kind::LinkLabel | Kind::Url)
        || written.contains("://")
        || written.contains('.') && !written.contains(' ');
    let inner = written.trim_matches(|c: char| !c.is_alphanumeric());
    let mut found: Vec<char> = inner
        .chars()
        .filter(|c| matches!(c, '\u{202D}' | '\u{202E}') || shows_address && (is_direction(*c) || is_hidden(*c)))
        .collect();
    if let Some(address) = citation.target.as_ref().and_then(|target| target.address.as_ref()) {
        found.extend(escaped_hidden(address.as_str()));
    }
    found.sort_unstable();
    found.dedup();
    found
        .into_iter()
        .map(|c| Evidence::new("hidden-character", format!("U+{:04X} {}", u32::from(c), name(c))))
        .collect()
}

fn is_direction(c: char) -> bool {
    matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// Without width, and needed by no script.
fn is_hidden(c: char) -> bool {
    matches!(c, '\u{AD}' | '\u{200B}' | '\u{2060}'..='\u{2064}' | '\u{FEFF}' | '\u{180E}' | '\u{E0000}'..='\u{E007F}')
}

/// The same, in the percent-encoded form that a parsed address has.
fn escaped_hidden(url: &str) -> Vec<char> {
    const ESCAPED: &[(&str, char)] = &[
        ("%C2%AD", '\u{AD}'),
        ("%E2%80%8B", '\u{200B}'),
        ("%E2%80%AA", '\u{202A}'),
        ("%E2%80%AB", '\u{202B}'),
        ("%E2%80%AC", '\u{202C}'),
        ("%E2%80%AD", '\u{202D}'),
        ("%E2%80%AE", '\u{202E}'),
        ("%E2%81%A0", '\u{2060}'),
        ("%E2%81%A6", '\u{2066}'),
        ("%E2%81%A9", '\u{2069}'),
        ("%EF%BB%BF", '\u{FEFF}'),
    ];
    if !url.contains('%') {
        return Vec::new();
    }
    let upper = url.to_ascii_uppercase();
    ESCAPED.iter().filter(|(escaped, _)| upper.contains(escaped)).map(|(_, c)| *c).collect()
}

/// The names of the Unicode Character Database.
fn name(c: char) -> &'static str {
    match c {
        '\u{AD}' => "SOFT HYPHEN",
        '\u{200B}' => "ZERO WIDTH SPACE",
        '\u{202A}'..='\u{202C}' | '\u{2066}'..='\u{2069}' => "a control of writing direction",
        '\u{202D}' => "LEFT-TO-RIGHT OVERRIDE",
        '\u{202E}' => "RIGHT-TO-LEFT OVERRIDE",
        '\u{2060}' => "WORD JOINER",
        '\u{FEFF}' => "ZERO WIDTH NO-BREAK SPACE",
        _ => "an invisible character",
    }
}

/// Parts of the host that mix alphabets, or imitate Latin in another one.
fn imitations(citation: &Citation) -> Vec<Evidence> {
    let Some(host) = citation.target.as_ref().and_then(|target| target.host.as_ref()) else { return Vec::new() };
    if !host.ascii.contains("xn--") {
        return Vec::new();
    }
    let (unicode, _) = domain_to_unicode(&host.ascii);
    let suffix_is_latin = unicode.rsplit('.').next().is_some_and(str::is_ascii);
    unicode
        .split('.')
        .filter_map(|label| {
            let mut alphabets: Vec<Alphabet> = label.chars().filter_map(alphabet).collect();
            alphabets.sort_unstable();
            alphabets.dedup();
            match alphabets.as_slice() {
                [Alphabet::Latin, .., Alphabet::EastAsian] if alphabets.len() == 2 => None,
                [_, _, ..] => {
                    let names: Vec<&str> = alphabets.iter().map(|alphabet| alphabet.name()).collect();
                    Some(Evidence::new("mixed-alphabets", format!("“{label}” mixes {} letters", names.join(" and "))))
                }
                [only @ (Alphabet::Cyrillic | Alphabet::Greek)]
                    if suffix_is_latin && label.chars().all(looks_latin) =>
                {
                    Some(Evidence::new("imitation", format!("“{label}” is written in {} letters", only.name())))
                }
                _ => None,
            }
        })
        .collect()
}

/// Letters that a reader takes for a Latin one; a choice from the
/// confusables of Unicode Technical Standard 39.
fn looks_latin(c: char) -> bool {
    c.is_ascii_digit() || c == '-' || "аеорсухіјѕԁһӏԛԝьгкпѵαικνορτυω".contains(c)
}
