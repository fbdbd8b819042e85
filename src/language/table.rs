//! Tables that are text: one entry a line, sorted by bytes, searched where
//! they lie. Nothing is unpacked or built, so a table costs nothing until it
//! is asked.

/// The line of `table` whose first field is `key`; fields are parted by tabs.
/// Gives what stands behind the key.
pub(super) fn find(table: &'static str, key: &str) -> Option<&'static str> {
    let mut rest = table;
    while !rest.is_empty() {
        let middle = rest.floor_char_boundary(rest.len() / 2);
        let start = rest.get(..middle).and_then(|head| head.rfind('\n')).map_or(0, |at| at + 1);
        let end = rest.get(start..).and_then(|tail| tail.find('\n')).map_or(rest.len(), |at| start + at);
        let line = rest.get(start..end).unwrap_or_default();
        let (own, value) = line.split_once('\t').unwrap_or((line, ""));
        match own.cmp(key) {
            std::cmp::Ordering::Equal => return Some(value),
            std::cmp::Ordering::Less => rest = rest.get(end + 1..).unwrap_or_default(),
            std::cmp::Ordering::Greater => rest = rest.get(..start).unwrap_or_default(),
        }
    }
    None
}
