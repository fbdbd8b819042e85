//! The tables, in Markdown.

use crate::score::{Clean, Named, Scores, Tally};

pub fn print(scores: &Scores, clean: &Scores) {
    for group in ["goal", "class", "process", "splices by language", "splices by form"] {
        println!(
            "\n| {group} | sites | recall | exact span | within 2 bytes | findings | precision |\n| --- | --- | --- | --- | --- | --- | --- |"
        );
        for ((_, name), tally) in scores.rows.iter().filter(|((of, _), _)| *of == group) {
            println!("| {name} | {} |", row(tally));
        }
    }
    println!("\n| rule | findings | precision |\n| --- | --- | --- |");
    for ((_, name), tally) in scores.rows.iter().filter(|((of, _), _)| *of == "precision") {
        println!("| {name} | {} | {} |", tally.findings, share(tally.findings - tally.wrong, tally.findings));
    }
    println!("\n| confidence from | findings | right |\n| --- | --- | --- |");
    for (bin, (count, right)) in &scores.reliability {
        println!("| {:.2} | {count} | {} |", f64::from(*bin) / 20.0, share(*right, *count));
    }
    println!("\n| process | articles | diagnosed | rightly |\n| --- | --- | --- | --- |");
    for (name, Named { articles, diagnosed, rightly }) in &scores.processes {
        println!("| {name} | {articles} | {diagnosed} | {rightly} |");
    }
    let mut errors: Vec<usize> = scores.losses.iter().map(|(error, _)| *error).collect();
    errors.sort_unstable();
    let hold = scores.losses.iter().filter(|(_, holds)| *holds).count();
    println!("\n| lost length | |\n| --- | --- |");
    println!("| estimates | {} |", errors.len());
    println!("| within their limits | {} |", share(hold, errors.len()));
    println!("| median error in characters | {} |", errors.get(errors.len() / 2).map_or(0, |error| *error));
    println!("\n| extraction | |\n| --- | --- |");
    println!("| genuine citations | {} |", scores.genuine);
    println!("| recall | {} |", share(scores.matched, scores.genuine));
    println!("| precision | {} |", share(scores.matched, scores.extracted));
    print_clean("the same texts without citations", &scores.clean);
    print_clean("clean texts", &clean.clean);
}

fn print_clean(title: &str, clean: &Clean) {
    if clean.documents == 0 {
        return;
    }
    let per = |count: usize, unit: usize, of: usize| format!("{:.2}", count as f64 * unit as f64 / of.max(1) as f64);
    println!("\n| {title} | |\n| --- | --- |");
    println!("| documents, words | {}, {} |", clean.documents, clean.words);
    println!(
        "| errors; documents with errors per 1,000 | {}; {} |",
        clean.errors,
        per(clean.documents_with_errors, 1000, clean.documents)
    );
    println!("| findings per 1,000 documents | {} |", per(clean.findings, 1000, clean.documents));
    println!("| findings per million words | {} |", per(clean.findings, 1_000_000, clean.words));
}

fn row(tally: &Tally) -> String {
    let Tally { truths, found, exact, near, findings, wrong } = *tally;
    let precision = if findings == 0 { "–".to_owned() } else { share(findings - wrong, findings) };
    format!(
        "{truths} | {} | {} | {} | {findings} | {precision}",
        share(found, truths),
        share(exact, truths),
        share(near, truths)
    )
}

fn share(part: usize, whole: usize) -> String {
    if whole == 0 { "–".to_owned() } else { format!("{:.4}", part as f64 / whole as f64) }
}
