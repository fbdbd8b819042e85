//! Lost text from other copies of the article: all of it where a copy has it,
//! nothing where copies disagree, and no word that no copy has.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::disallowed_methods,
    clippy::missing_docs_in_private_items,
    unreachable_pub,
    reason = "a test fails by panicking, and reads files and clocks itself"
)]

use std::fs;
use std::path::Path;

use obelus::check::CheckSettings;
use obelus::citation;
use obelus::document::{self, Document, Format};
use obelus::finding::{Family, Lacuna, Provenance};
use obelus::repair::{AskNobody, Dialogue, RepairSettings, Repaired, Witness, repair};

const ARTICLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/articles");

fn text_of(name: &str) -> String {
    fs::read_to_string(Path::new(ARTICLES).join(name)).unwrap()
}

fn read(text: &str, format: Format) -> Document {
    document::read_text(text.to_owned(), format).unwrap()
}

fn settings(witnesses: Vec<Document>) -> RepairSettings {
    RepairSettings { witnesses: witnesses.into_iter().map(Witness::new).collect(), ..RepairSettings::default() }
}

fn repaired(document: &Document, witnesses: Vec<Document>) -> (String, Repaired) {
    let repaired = repair(document, "x", &settings(witnesses), &mut AskNobody);
    (repaired.changes.apply(&document.source), repaired)
}

/// The article's words, without citations, marks and layout.
fn prose(document: &Document) -> String {
    let mut text = document.text.to_string();
    for citation in citation::extract(document).iter().rev().filter(|citation| citation.kind.is_label()) {
        text.replace_range(citation.span.range(), "");
    }
    text.chars().filter(|c| !c.is_whitespace() && !matches!(c, '#' | '*' | '-')).collect()
}

/// Each damaged article with its whole twin.
fn twins() -> Vec<(String, String, Format)> {
    let mut twins: Vec<_> = fs::read_dir(ARTICLES)
        .unwrap()
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(|name| name.ends_with(".damaged.md"))
        .map(|name| (text_of(&name), text_of(&name.replace(".damaged", "")), Format::Markdown))
        .collect();
    twins.sort_by(|one, other| one.0.cmp(&other.0));
    twins.push((text_of("tidal-barrage.txt"), text_of("tidal-barrage.clean.txt"), Format::Plain));
    assert!(twins.len() > 8);
    twins
}

#[test]
fn a_whole_witness_restores_everything() {
    let mut failures = Vec::new();
    for (damaged, whole, format) in twins() {
        let document = read(&damaged, format);
        let (after, _) = repaired(&document, vec![read(&whole, format)]);
        let (found, wanted) = (prose(&read(&after, format)), prose(&read(&whole, format)));
        if found != wanted {
            failures.push(obelus::repair::unified_diff("prose", &whole, &after));
        }
        // Every source of the damaged article is still there.
        let hosts = |text: &str| {
            let document = read(text, format);
            let mut hosts: Vec<_> = citation::extract(&document)
                .into_iter()
                .filter_map(|citation| Some(citation.target?.host?.ascii))
                .collect();
            hosts.sort();
            hosts.dedup();
            hosts
        };
        assert_eq!(hosts(&after), hosts(&damaged));
    }
    assert!(failures.is_empty(), "{} of the twins\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn restoring_again_changes_nothing() {
    for (damaged, whole, format) in twins() {
        let (once, _) = repaired(&read(&damaged, format), vec![read(&whole, format)]);
        let (again, made) = repaired(&read(&once, format), vec![read(&whole, format)]);
        assert_eq!(once, again, "{:?}", made.made);
        assert_eq!(repaired(&read(&once, format), vec![]).0, once);
    }
}

/// What is marked first and restored later comes out the same.
#[test]
fn marked_gaps_are_filled() {
    let (damaged, whole) = (text_of("tidal-barrage.txt"), text_of("tidal-barrage.clean.txt"));
    let (marked, _) = repaired(&read(&damaged, Format::Plain), vec![]);
    assert_eq!(marked.matches("[…]").count(), 5);
    let (filled, _) = repaired(&read(&marked, Format::Plain), vec![read(&whole, Format::Plain)]);
    assert_eq!(prose(&read(&filled, Format::Plain)), prose(&read(&whole, Format::Plain)));
}

/// A page of the same article: other markup, other citations, more text
/// around, and a paragraph that was rewritten.
#[test]
fn a_witness_may_be_another_edition() {
    let (damaged, whole) = (text_of("tidal-barrage.txt"), text_of("tidal-barrage.clean.txt"));
    let mut page = String::from("<html><body><p>Our newsletter brings you the news of the coast every morning.</p>");
    for line in whole.lines().filter(|line| !line.trim().is_empty()) {
        let line = line.replace('&', "&amp;").replace("(estuary.gov.uk)", "<a href=\"https://x.org/1\">[1]</a>");
        page.push_str(&format!(
            "<p>{}</p>\n",
            line.replace("Nothing has been built since", "<b>Nothing</b> was built")
        ));
    }
    page.push_str("<p>Read next: the ferries of the north, and who still pays for them today.</p></body></html>");
    let witness = document::read(page.into_bytes(), Some(Format::Html), None).unwrap();
    let (after, made) = repaired(&read(&damaged, Format::Plain), vec![witness]);
    assert!(after.contains("Nothing has been built since"), "the article's own wording stays");
    assert_eq!(prose(&read(&after, Format::Plain)), prose(&read(&whole, Format::Plain)));
    let restored = made.made.iter().filter(|made| made.provenance == Provenance::Witness).count();
    assert_eq!(restored, 5);
}

#[test]
fn a_witness_with_the_same_damage_says_nothing() {
    let damaged = text_of("tidal-barrage.txt");
    let alone = repaired(&read(&damaged, Format::Plain), vec![]).0;
    assert_eq!(repaired(&read(&damaged, Format::Plain), vec![read(&damaged, Format::Plain)]).0, alone);
    assert_eq!(repaired(&read(&damaged, Format::Plain), vec![read(&alone, Format::Plain)]).0, alone);
    // Nor does another article.
    let other = text_of("en-museums.md");
    assert_eq!(repaired(&read(&damaged, Format::Plain), vec![read(&other, Format::Markdown)]).0, alone);
}

const DAMAGED: &str = "The quay was raised by a metre in the spring of that year. (harbour.org)\n\nThe office says that it doe(harbour.org)why nobody had asked the fishers before the work began.\n";
const WHOLE: &str = "The quay was raised by a metre in the spring of that year. (harbour.org)\n\nThe office says that it does not know why nobody had asked the fishers before the work began.\n";

#[test]
fn witnesses_that_disagree_are_a_choice() {
    let other = WHOLE.replace("does not know why", "does explain why");
    let (after, made) = repaired(&plain(DAMAGED), vec![plain(WHOLE), plain(&other), plain(WHOLE)]);
    assert!(after.contains("that it doe[…]why nobody"), "{after}");
    assert!(made.made.iter().all(|made| made.provenance != Provenance::Witness));
    let mut shown = Vec::new();
    let settings = settings(vec![plain(WHOLE), plain(&other)]);
    let document = plain(DAMAGED);
    let mut dialogue = Dialogue::new(&b"3\n"[..], &mut shown, str::to_owned);
    let chosen = repair(&document, "x", &settings, &mut dialogue).changes.apply(DAMAGED);
    assert!(chosen.contains("it does explain why"), "{chosen}\n{}", String::from_utf8_lossy(&shown));
    // Witnesses that agree are one voice.
    let (after, _) = repaired(&plain(DAMAGED), vec![plain(WHOLE), plain(WHOLE)]);
    assert_eq!(after, WHOLE);
}

/// Edges of less than twelve characters prove nothing.
#[test]
fn short_edges_prove_nothing() {
    let witness = WHOLE.replace("that it does", "as it does").replace("know why nobody had", "know, why none had");
    let (after, _) = repaired(&plain(DAMAGED), vec![plain(&witness)]);
    assert!(after.contains("doe[…]why"), "{after}");
}

/// A copy without the article's only citation: the words come back, and the
/// citation stays.
#[test]
fn the_only_citation_is_never_lost() {
    let damaged = DAMAGED.replace("doe(harbour.org)why", "doe(fishers.eu)why");
    let (after, _) = repaired(&plain(&damaged), vec![plain(WHOLE)]);
    assert!(prose(&plain(&after)) == prose(&plain(WHOLE)), "{after}");
    assert!(after.contains("(fishers.eu)"), "{after}");
    // A copy that has it says where it belongs.
    let witness = WHOLE.replace("the work began.", "the work began. (fishers.eu)");
    let (after, _) = repaired(&plain(&damaged), vec![plain(&witness)]);
    assert_eq!(after, witness);
}

/// One restored gap gives the lengths of the others.
#[test]
fn a_restored_gap_sharpens_the_model() {
    // Without its headline the article alone guesses wrong.
    let without_headline = |name: &str| text_of(name).split_once('\n').unwrap().1.to_owned();
    let (damaged, whole) = (without_headline("tidal-barrage.txt"), without_headline("tidal-barrage.clean.txt"));
    let document = read(&damaged, Format::Plain);
    let run = |witness: &str| {
        let lacuna = Lacuna::new("⟨{n}⟩").unwrap();
        let settings = RepairSettings {
            check: CheckSettings { lacuna, ..CheckSettings::default() },
            witnesses: vec![Witness::new(read(witness, Format::Plain))],
            ..RepairSettings::default()
        };
        repair(&document, "x", &settings, &mut AskNobody)
    };
    let lengths = |repaired: &Repaired| -> Vec<u32> {
        let after = repaired.changes.apply(&damaged);
        after.split('⟨').skip(1).map(|rest| rest.split_once('⟩').unwrap().0.parse().unwrap()).collect()
    };
    let guessed = lengths(&run("Nothing of the kind."));
    // A witness that ends before the second gap.
    let begun = run(&whole[..whole.find("Who pays for the dredging?").unwrap()]);
    let exact = lengths(&begun);
    let true_lengths: Vec<u32> = run(&whole)
        .made
        .iter()
        .filter(|made| made.provenance == Provenance::Witness)
        .map(|made| {
            let spaces = made.before.chars().count() - made.before.trim().chars().count();
            u32::try_from(made.after.chars().count() - spaces).unwrap()
        })
        .collect();
    assert_eq!((guessed.len(), exact.len(), true_lengths.len()), (5, 4, 5));
    assert_ne!(guessed[1..], true_lengths[1..]);
    assert_eq!(exact, true_lengths[1..]);
}

const QUAY: &str = "The quay was raised by a metre in the spring of that year.[1] The office says that it knows well what \
    it did, and that the fishers were asked before the work began.[2] The fishers themselves remember it another way, \
    and keep the letters that they wrote to the council in a drawer.[1] None was ever answered, as far as they know.[2]\n";

fn plain(text: &str) -> Document {
    read(text, Format::Plain)
}

/// `w[1]` reads as an index of a program, until a copy has words there.
#[test]
fn a_label_that_nobody_took_for_one_is_found_by_its_text() {
    let damaged = QUAY.replace("that it knows well what it did, and", "that it k[1]");
    assert!(citation::extract(&plain(&damaged)).len() == 4, "the index is no citation");
    let (after, _) = repaired(&plain(&damaged), vec![plain(QUAY)]);
    assert_eq!(after, QUAY);
    // Where the copy has it as well it is what it is.
    let both = QUAY.replace("that it knows well", "that k[1] tells well");
    assert_eq!(repaired(&plain(&both), vec![plain(&both)]).0, both);
}

/// Less than twelve characters between two seams: what the copy has from edge
/// to edge holds them.
#[test]
fn seams_close_together_are_one() {
    let damaged = QUAY
        .replace("knows well what it did, and that the fish", "kn[2]it did[2]that the fish")
        .replace("answered, as far as they know", "answ[1]far[2]y know");
    let (after, made) = repaired(&plain(&damaged), vec![plain(QUAY)]);
    assert_eq!(prose(&plain(&after)), prose(&plain(QUAY)), "{:?}", made.made);
    // A copy that lacks the words in between is another text.
    let edited = QUAY.replace("what it did", "what was done");
    let (after, made) = repaired(&plain(&damaged), vec![plain(&edited)]);
    assert!(!after.contains("was done"), "{after}");
    assert!(made.made.iter().any(|made| made.provenance == Provenance::Witness), "the other seams are restored");
}

/// At the very end both texts end.
#[test]
fn a_seam_near_the_end_is_restored() {
    let damaged = QUAY.replace("answered, as far as they know.[2]", "answ[1]know.[2]");
    assert_eq!(repaired(&plain(&damaged), vec![plain(QUAY)]).0, QUAY);
    let longer = format!("{}, and that is the end of it.\n", QUAY.trim_end().trim_end_matches(".[2]"));
    let (after, _) = repaired(&plain(&damaged), vec![plain(&longer)]);
    assert!(!after.contains("end of it"), "{after}");
}

/// A bracket that was cut is no piece of a label where the copy has it whole.
/// A label that was lost with the text comes back set off as it was, at the
/// head of a paragraph as well.
#[test]
fn lost_labels_keep_their_spaces() {
    let before =
        "The council of the harbour met in May (harbour.org).\n\nThe people of the quay came as well (quay.net). ";
    let after = "eturned in June, when the water fell. It was over in autumn, and the quay was dry again (quay.net).";
    for lost in ["an (mud.net) and nobody r", "an.\n\n(mud.net) Nobody r", "an (mud.net) (reed.net) when nobody r"] {
        let whole = format!("{before}The work beg{lost}{after}");
        let damaged = plain(&format!("{before}The work beg(harbour.org){after}"));
        assert_eq!(repaired(&damaged, vec![plain(&whole)]).0, whole);
    }
}

#[test]
fn a_cut_bracket_is_restored_once() {
    let whole = "The quay was raised by a metre (semver it is not) in the spring of that year, and nobody knew why it was. \
        (semver.org) The office says nothing of it at all to this very day. (harbour.org)\n";
    let damaged = whole.replace("semver it is not) in the spring", "semver(harbour.org)e spring");
    let (after, _) = repaired(&plain(&damaged), vec![plain(whole)]);
    assert_eq!(after, whole);
}

/// A citation that a whole copy has at the same place is no splice.
#[test]
fn a_whole_copy_refutes_false_alarms() {
    let text = text_of("tidal-barrage.clean.txt");
    let damaged = text_of("tidal-barrage.txt");
    let document = plain(&damaged);
    let alone = repaired(&document, vec![]).1.made.len();
    assert!(alone >= 5);
    // The copy shares one of the labels that stand in mid-sentence.
    let first = alone_edit(&damaged);
    let at = text.find(&first.0).unwrap() + first.0.len();
    let copy = format!("{}{}{}", &text[..at], first.1, &text[at..]);
    let (after, _) = repaired(&document, vec![plain(&copy)]);
    assert!(!after.contains("[…]"), "{after}");
}

/// The words before the first splice of the article, and its label.
fn alone_edit(damaged: &str) -> (String, String) {
    let made = repaired(&plain(damaged), vec![]).1.made;
    let splices = made.iter().filter(|made| made.rule.family == Family::Splice);
    let first = splices.min_by_key(|made| made.span).unwrap();
    let before: Vec<char> = damaged[..first.span.range().start].chars().rev().take(20).collect();
    (before.into_iter().rev().collect(), first.before.clone())
}

/// A copy with a splice of the article descends from it: what it has elsewhere
/// somebody may have made up.
#[test]
fn a_descendant_of_the_same_damage_is_no_proof() {
    let whole = QUAY.replace("[1]", " (harbour.org)").replace("[2]", " (fishers.eu)");
    let damaged = whole
        .replace("knows well what it did, and", "kn(harbour.org)nd")
        .replace("keep the letters that they wrote", "ke(fishers.eu)ey wrote");
    let patched = damaged.replace("ke(fishers.eu)ey wrote", "keep all that they wrote");
    let (after, made) = repaired(&plain(&damaged), vec![plain(&patched)]);
    assert!(made.made.iter().all(|made| made.provenance != Provenance::Witness), "{:?}", made.made);
    assert!(!after.contains("all that they wrote"), "{after}");
    // An independent copy is believed, and contradicts the descendant.
    let (after, _) = repaired(&plain(&damaged), vec![plain(&whole)]);
    assert_eq!(after, whole);
    let (after, _) = repaired(&plain(&damaged), vec![plain(&whole), plain(&patched)]);
    assert!(!after.contains("all that they wrote") && !after.contains("keep the letters"), "{after}");
    assert!(after.contains("knows well what it did, and"), "{after}");
}

/// Copies with a splice in common are one voice; the report says how many
/// speak.
#[test]
fn kin_count_once() {
    let whole = QUAY.replace("[1]", " (harbour.org)").replace("[2]", " (fishers.eu)");
    let damaged = whole.replace("knows well what it did, and", "kn(harbour.org)nd");
    let kin = whole.replace("keep the letters that they wrote", "ke(fishers.eu)ey wrote");
    let other = kin.replace("in the spring of that year", "in spring");
    let voices = |copies: Vec<Document>| {
        let made = repaired(&plain(&damaged), copies).1.made;
        let witness = made.iter().flat_map(|made| &made.evidence).find(|evidence| evidence.kind == "witness");
        witness.unwrap().text.clone()
    };
    assert_eq!(voices(vec![plain(&kin), plain(&other)]), "restore the lost text: one copy");
    assert_eq!(voices(vec![plain(&kin), plain(&whole)]), "restore the lost text: 2 independent copies");
}

/// An editor cut half a sentence at a citation: that is no loss.
#[test]
fn an_edited_article_is_left_as_it_is() {
    let whole = QUAY.replace("[1]", " (harbour.org)").replace("[2]", " (fishers.eu)");
    let edited = whole
        .replace(", and that the fishers were asked before the work began. (fishers.eu)", " (fishers.eu).")
        .replace("The quay was raised by a metre", "The quay was raised by a foot");
    let (after, _) = repaired(&plain(&edited), vec![plain(&whole)]);
    assert_eq!(after, edited);
    // A whole sentence that ends with the citation.
    let shortened = whole.replace(
        " The office says that it knows well what it did, and that the fishers were asked before the work began.",
        "",
    );
    assert_eq!(repaired(&plain(&shortened), vec![plain(&whole)]).0, shortened);
}

/// Paragraphs of a copy stay paragraphs on a page.
#[test]
fn paragraphs_restored_into_a_page_stay_apart() {
    let whole = "The quay was raised by a metre in the spring of that year. (harbour.org)\n\nThe office says that it does not know why.\n\nNobody had asked the fishers before the work began, they say. (fishers.eu)\n";
    let page = |label: &str, open: &str, close: &str| {
        format!(
            "<html><body><p>The quay was raised by a metre in the spring of that year. (harbour.org)</p><p>The office says that it doe{open}{label}{close}ody had asked the fishers before the work began, they say. (fishers.eu)</p></body></html>"
        )
    };
    let html = |text: &str| read(text, Format::Html);
    let (after, _) = repaired(&html(&page("(harbour.org)", "", "")), vec![plain(whole)]);
    assert_eq!(after, page("s not know why.</p>\n<p>Nob", "", ""));
    // Within emphasis no paragraph can end.
    let (after, _) = repaired(&html(&page("(harbour.org)", "<b>", "</b>")), vec![plain(whole)]);
    assert_eq!(after, page("s not know why.<br>\n<br>Nob", "<b>", "</b>"));
}

/// A restored gap that contradicts the model takes its lengths away.
#[test]
fn a_restored_gap_can_refute_the_model() {
    let without_headline = |name: &str| text_of(name).split_once('\n').unwrap().1.to_owned();
    let (damaged, whole) = (without_headline("tidal-barrage.txt"), without_headline("tidal-barrage.clean.txt"));
    let lacuna = Lacuna::new("⟨{n}⟩").unwrap();
    let end = whole.find("Who pays for the dredging?").unwrap();
    let (before, _) = alone_edit(&damaged);
    let at = whole.find(&before).unwrap() + before.len();
    // The copy has far more text in the first gap than the model allows.
    let other = format!("{}{}{}", &whole[..at], " and so on".repeat(200), &whole[at..end]);
    let settings = RepairSettings {
        check: CheckSettings { lacuna, ..CheckSettings::default() },
        witnesses: vec![Witness::new(plain(&other))],
        ..RepairSettings::default()
    };
    let after = repair(&plain(&damaged), "x", &settings, &mut AskNobody).changes.apply(&damaged);
    assert_eq!(after.matches("⟨?⟩").count(), 4, "{after}");
}

/// Hostile copies cost no more than their length.
#[test]
fn time_and_memory_stay_bounded() {
    let plain = |text: String| document::read_text(text, Format::Plain).unwrap();
    let article = "The same sentence again and again (a.org)x. ".repeat(3000);
    let witness = "The same sentence again and again yes x. ".repeat(3000);
    let begun = std::time::Instant::now();
    let _ = repair(&plain(article), "x", &settings(vec![plain(witness)]), &mut AskNobody);
    assert!(begun.elapsed().as_secs() < 60, "{:?}", begun.elapsed());
}
