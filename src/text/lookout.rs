//! What many look for, found in one pass: each pass over a text costs as much
//! as the next, however seldom it finds anything.

use super::needles::Needles;
use super::span::offset;

/// Sets of needles, each with its purpose `S`, that are looked for together.
#[derive(Debug)]
pub struct Lookout<S> {
    ascii: Part<S>,
    /// The others are not looked for in ASCII: the fewer needles, the fewer
    /// places look like one of them.
    beyond: Part<S>,
}

#[derive(Debug)]
struct Part<S> {
    needles: Needles,
    /// For each needle its purpose, and its index among those of its purpose.
    purposes: Vec<(S, u16)>,
}

impl<S: Copy + PartialEq> Lookout<S> {
    /// For a few dozen needles; none begins with another.
    pub fn new(sets: &[(S, Vec<&[u8]>)]) -> Self {
        let part = |is_ascii: bool| {
            let numbered =
                sets.iter().flat_map(|(purpose, set)| (0..).zip(set).map(move |(at, needle)| (*purpose, at, *needle)));
            let own = numbered.filter(|(.., needle)| needle.is_ascii() == is_ascii);
            let needles: Vec<&[u8]> = own.clone().map(|(.., needle)| needle).collect();
            Part {
                needles: Needles::new(needles.into_iter()),
                purposes: own.map(|(purpose, index, _)| (purpose, index)).collect(),
            }
        };
        Self { ascii: part(true), beyond: part(false) }
    }

    /// Reads the text once.
    #[must_use]
    pub fn look(&self, text: &str) -> Sightings<S> {
        let mut found: Vec<Sighting<S>> = self.ascii.look(text).collect();
        if !text.is_ascii() {
            let ascii = found.len();
            found.extend(self.beyond.look(text));
            if ascii < found.len() {
                found.sort_by_key(|sighting| sighting.at);
            }
        }
        Sightings(found)
    }
}

impl<S: Copy> Part<S> {
    fn look(&self, text: &str) -> impl Iterator<Item = Sighting<S>> {
        self.needles.find_all(text).filter_map(|(needle, at)| {
            let (purpose, index) = *self.purposes.get(needle)?;
            Some(Sighting { at: offset(at), index, purpose })
        })
    }
}

/// Where the needles of a [`Lookout`] stand in a text, in order.
#[derive(Debug)]
pub struct Sightings<S>(Vec<Sighting<S>>);

#[derive(Debug)]
struct Sighting<S> {
    at: u32,
    index: u16,
    purpose: S,
}

impl<S: Copy + PartialEq> Sightings<S> {
    /// Those of one purpose: which needle of its set, and the offset of its
    /// first byte. They may overlap.
    pub fn of(&self, purpose: S) -> impl Iterator<Item = (usize, usize)> {
        let own = self.0.iter().filter(move |sighting| sighting.purpose == purpose);
        own.map(|sighting| (usize::from(sighting.index), sighting.at as usize))
    }
}

/// Holds that none of the needles begins with another.
#[cfg(test)]
pub(crate) fn assert_apart<S>(sets: &[(S, Vec<&[u8]>)]) {
    let needles: Vec<&[u8]> = sets.iter().flat_map(|(_, set)| set.iter().copied()).collect();
    for needle in &needles {
        let begins = |other: &&&[u8]| needle.starts_with(other);
        assert_eq!(needles.iter().filter(begins).count(), 1, "{:?}", String::from_utf8_lossy(needle));
    }
}

#[cfg(test)]
mod tests {
    use super::Lookout;

    #[test]
    fn each_purpose_finds_its_own_even_in_another() {
        let lookout = Lookout::new(&[('a', vec![&b" - "[..], b"://"]), ('b', vec![&b"- x:"[..], b"[^"])]);
        let sightings = lookout.look("a - x://[^ - ");
        assert_eq!(sightings.of('a').collect::<Vec<_>>(), [(0, 1), (1, 5), (0, 10)]);
        assert_eq!(sightings.of('b').collect::<Vec<_>>(), [(0, 2), (1, 8)]);
        assert_eq!(lookout.look("").of('a').count(), 0);
    }

    #[test]
    fn needles_beyond_ascii_come_in_their_order() {
        let lookout = Lookout::new(&[('a', vec!["†".as_bytes(), b"://", "é".as_bytes()])]);
        let found = |text: &str| lookout.look(text).of('a').collect::<Vec<_>>();
        assert_eq!(found("é:// †"), [(2, 0), (1, 2), (0, 6)]);
        assert_eq!(found("e://"), [(1, 1)]);
    }
}
