//! Clean prose from a folder: `.txt`, `.md`, `.html`, or JSON lines with a
//! `text` field, walked in the order of names.

use std::fs;
use std::path::{Path, PathBuf};

use obelus::document::Format;

/// A clean text.
pub struct Prose {
    pub name: String,
    pub language: String,
    pub text: String,
    pub format: Format,
}

/// All texts under `path`, a file or a folder.
pub fn read(path: &Path) -> std::io::Result<Vec<Prose>> {
    let mut files = Vec::new();
    walk(path, &mut files)?;
    files.sort();
    let mut texts = Vec::new();
    for file in files {
        let Ok(content) = fs::read_to_string(&file) else { continue };
        let name = file.display().to_string();
        match file.extension().and_then(|extension| extension.to_str()) {
            Some("jsonl") => texts.extend(content.lines().enumerate().filter_map(|(number, line)| {
                let value: serde_json::Value = serde_json::from_str(line).ok()?;
                let text = value.get("text")?.as_str()?.to_owned();
                let language = value.get("lang").and_then(|lang| lang.as_str()).map(str::to_owned);
                let name = format!("{name}:{}", number + 1);
                Some(Prose {
                    name,
                    language: language.unwrap_or_else(|| language_of(&text).into()),
                    text,
                    format: Format::Plain,
                })
            })),
            Some(extension @ ("txt" | "md" | "html")) => {
                let format = match extension {
                    "txt" => Format::Plain,
                    "md" => Format::Markdown,
                    _ => Format::Html,
                };
                texts.push(Prose { name, language: language_of(&content).into(), text: content, format });
            }
            _ => {}
        }
    }
    Ok(texts)
}

fn walk(path: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    if path.is_dir() {
        for entry in fs::read_dir(path)? {
            walk(&entry?.path(), files)?;
        }
    } else {
        files.push(path.to_owned());
    }
    Ok(())
}

/// Whether a letter is one of a script.
type IsOf = fn(char) -> bool;

/// A tag for texts that name none: the script of most letters, English and
/// other Latin told apart by a few words.
fn language_of(text: &str) -> &'static str {
    let scripts: [(&str, IsOf); 9] = [
        ("ja", |c| matches!(c, '\u{3040}'..='\u{30FF}')),
        ("zh", |c| matches!(c, '\u{4E00}'..='\u{9FFF}')),
        ("ko", |c| matches!(c, '\u{AC00}'..='\u{D7A3}')),
        ("th", |c| matches!(c, '\u{0E00}'..='\u{0E7F}')),
        ("ar", |c| matches!(c, '\u{0600}'..='\u{06FF}')),
        ("hi", |c| matches!(c, '\u{0900}'..='\u{097F}')),
        ("cyrillic", |c| matches!(c, '\u{0400}'..='\u{04FF}')),
        ("greek", |c| matches!(c, '\u{0370}'..='\u{03FF}')),
        ("latin", |c| c.is_ascii_alphabetic()),
    ];
    let sample: Vec<char> = text.chars().take(4000).collect();
    let count = |is: IsOf| sample.iter().filter(|c| is(**c)).count();
    // Kana settle it for Japanese, however much Han stands beside them.
    if count(scripts[0].1) * 20 > sample.len() {
        return "ja";
    }
    let best = scripts.iter().max_by_key(|(_, is)| count(*is)).map_or("latin", |(name, _)| name);
    let english = [" the ", " of ", " and ", " to "].iter().filter(|word| text.contains(**word)).count();
    if best == "latin" && english >= 3 { "en" } else { best }
}
