//! Two rows of words, side by side.

/// What becomes of one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// The same word in both.
    Same,
    /// One word for another.
    Other,
    /// A word of the quotation alone.
    Added,
    /// A word of the source alone.
    Left,
}

/// A quotation laid over a part of the source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Alignment {
    /// The first word of the source in it.
    pub start: usize,
    /// Word by word.
    pub steps: Vec<Step>,
}

impl Alignment {
    /// Steps that are no [`Step::Same`].
    pub(super) fn edits(&self) -> usize {
        self.steps.iter().filter(|step| **step != Step::Same).count()
    }

    /// Words that are the same.
    pub(super) fn matched(&self) -> usize {
        self.steps.len() - self.edits()
    }
}

/// Every place where `wanted` stands in `row` (Knuth, Morris and Pratt).
pub(super) fn exact(wanted: &[u32], row: &[u32]) -> Vec<usize> {
    let borders = borders(wanted);
    let mut found = Vec::new();
    let mut matched = 0;
    for (at, word) in row.iter().enumerate() {
        while matched > 0 && wanted.get(matched) != Some(word) {
            matched = borders.get(matched - 1).copied().unwrap_or(0);
        }
        matched += usize::from(wanted.get(matched) == Some(word));
        if matched == wanted.len() && matched > 0 {
            found.push(at + 1 - matched);
            matched = borders.get(matched - 1).copied().unwrap_or(0);
        }
    }
    found
}

fn borders(wanted: &[u32]) -> Vec<usize> {
    let mut borders = vec![0; wanted.len()];
    let mut length = 0;
    for (at, word) in wanted.iter().enumerate().skip(1) {
        while length > 0 && wanted.get(length) != Some(word) {
            length = borders.get(length - 1).copied().unwrap_or(0);
        }
        length += usize::from(wanted.get(length) == Some(word));
        if let Some(border) = borders.get_mut(at) {
            *border = length;
        }
    }
    borders
}

/// The best way to lay all of `wanted` over some part of `row`: fewest edits,
/// the ends of `row` free (Sellers, 1980). Costs the product of both lengths.
pub(super) fn lay(wanted: &[u32], row: &[u32]) -> Alignment {
    let width = row.len() + 1;
    let mut costs: Vec<u32> = vec![0; width * (wanted.len() + 1)];
    let cost =
        |costs: &[u32], line: usize, column: usize| costs.get(line * width + column).copied().unwrap_or(u32::MAX / 2);
    for line in 1..=wanted.len() {
        for column in 0..width {
            let added = cost(&costs, line - 1, column) + 1;
            let best = match column.checked_sub(1) {
                None => added,
                Some(before) => {
                    let change = u32::from(wanted.get(line - 1) != row.get(before));
                    added.min(cost(&costs, line, before) + 1).min(cost(&costs, line - 1, before) + change)
                }
            };
            if let Some(place) = costs.get_mut(line * width + column) {
                *place = best;
            }
        }
    }
    let last = wanted.len();
    // Of ways that cost the same, the one that ends in another word for the
    // last, and not in a word left out.
    let mut column = (0..width).rev().min_by_key(|column| cost(&costs, last, *column)).unwrap_or(0);
    let mut line = last;
    let mut steps = Vec::new();
    while line > 0 {
        let here = cost(&costs, line, column);
        let before = column.checked_sub(1);
        let is_same = before.is_some_and(|before| wanted.get(line - 1) == row.get(before));
        match before {
            Some(before) if is_same && here == cost(&costs, line - 1, before) => {
                steps.push(Step::Same);
                (line, column) = (line - 1, before);
            }
            Some(before) if here == cost(&costs, line, before) + 1 => {
                steps.push(Step::Left);
                column = before;
            }
            Some(before) if here == cost(&costs, line - 1, before) + 1 => {
                steps.push(Step::Other);
                (line, column) = (line - 1, before);
            }
            _ => {
                steps.push(Step::Added);
                line -= 1;
            }
        }
    }
    steps.reverse();
    Alignment { start: column, steps }
}

/// Where a row as long as `length` words holds most words of the quotation,
/// best first, `count` places at most that lie apart. `weights` says for each
/// word of the source how much it speaks for the quotation.
pub(super) fn best_windows(weights: &[u32], length: usize, count: usize) -> Vec<usize> {
    let mut sums: Vec<u32> = Vec::with_capacity(weights.len());
    let mut sum = 0_u32;
    for (at, weight) in weights.iter().enumerate() {
        sum += weight;
        if let Some(gone) = at.checked_sub(length) {
            sum -= weights.get(gone).copied().unwrap_or(0);
        }
        sums.push(sum);
    }
    let mut best: Vec<usize> = Vec::new();
    for _ in 0..count {
        let is_free = |at: usize| best.iter().all(|known| known.abs_diff(at) >= length);
        let next = sums
            .iter()
            .enumerate()
            .filter(|(at, sum)| **sum > 0 && is_free(*at))
            .max_by_key(|(at, sum)| (**sum, usize::MAX - at));
        let Some((at, _)) = next else { break };
        best.push(at);
    }
    best.into_iter().map(|end| (end + 1).saturating_sub(length)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exact_places() {
        assert_eq!(exact(&[1, 2, 1], &[0, 1, 2, 1, 2, 1, 3]), [1, 3]);
        assert_eq!(exact(&[], &[1]), [0; 0]);
        assert_eq!(exact(&[9, 9, 9], &[9; 5]), [0, 1, 2]);
    }

    #[test]
    fn the_cheapest_way() {
        let alignment = lay(&[1, 2, 3, 4], &[9, 1, 2, 8, 4, 9]);
        assert_eq!(alignment, Alignment { start: 1, steps: vec![Step::Same, Step::Same, Step::Other, Step::Same] });
        let alignment = lay(&[1, 2, 3], &[1, 7, 2, 3]);
        assert_eq!(alignment.steps, [Step::Same, Step::Left, Step::Same, Step::Same]);
        let alignment = lay(&[1, 7, 2], &[1, 2]);
        assert_eq!((alignment.start, alignment.edits(), alignment.matched()), (0, 1, 2));
        assert_eq!(lay(&[1], &[]).steps, [Step::Added]);
    }

    #[test]
    fn windows_lie_apart() {
        assert_eq!(best_windows(&[0, 0, 1, 1, 0, 0, 0, 1], 3, 2), [1, 5]);
        assert_eq!(best_windows(&[0, 0], 3, 2), [0; 0]);
    }
}
