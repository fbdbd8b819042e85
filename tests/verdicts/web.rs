//! A web made on the spot, of hosts with habits of their own: how they say that
//! a page is missing, and how they name those that are there. It shows what
//! doubts cost, that they call no living page dead, and which dead pages pass.

use obelus::fetch::FetchSettings;
use obelus::verdict::judge;

use crate::conversations::{front, good, missing, site_page};
use crate::loopback::asking::{ask, probe, settings};
use crate::loopback::{Act, Seen, Server, page, redirect};

const REFERENCES: usize = 2000;
const HOSTS: usize = 200;

/// Things that pages are about, and words for them in other languages.
const THINGS: &[(&str, &str, &str)] = &[
    ("harbour", "hafen", "гавань"),
    ("barrage", "sperrwerk", "плотина"),
    ("ferries", "faehren", "паромы"),
    ("lighthouse", "leuchtturm", "маяк"),
    ("fishermen", "fischer", "рыбаки"),
    ("oysters", "austern", "устрицы"),
    ("dredging", "baggern", "землечерпание"),
    ("shipyard", "werft", "верфь"),
];

/// Words of missing pages that are on nobody's list.
const OWN_WORDS: &[(&str, &str)] = &[
    ("Hmm", "That did not go to plan. Try the menu above."),
    ("Lost at sea", "You have sailed off the map. Here be dragons, and a link to the start."),
    ("Hoppla", "Da ist etwas schiefgegangen. Bitte beginnen Sie von vorn."),
    ("Uups", "Coś poszło nie tak. Spróbuj wrócić na początek."),
    ("Aïe", "Vous êtes arrivé au bout du quai. Retournez à la une."),
];

/// How an address names its page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Naming {
    Article,
    Note,
    Photograph,
    Transcribed,
    Foreign,
    Renamed,
    Number,
    OneWord,
}

const NAMINGS: [Naming; 8] = [
    Naming::Article,
    Naming::Note,
    Naming::Photograph,
    Naming::Transcribed,
    Naming::Foreign,
    Naming::Renamed,
    Naming::Number,
    Naming::OneWord,
];

/// One page of the web, there or not.
#[derive(Debug, Clone, Copy)]
struct Page(usize);

impl Page {
    fn host(self) -> usize {
        self.0 % HOSTS
    }

    fn naming(self) -> Naming {
        // Most pages are named as one would think.
        let most = if self.draw(1).is_multiple_of(2) { 3 } else { NAMINGS.len() };
        NAMINGS[self.draw(2) % most]
    }

    /// Something of its own, the same in every run.
    fn draw(self, about: u64) -> usize {
        let mixed = (self.0 as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(about << 40);
        let mixed = (mixed ^ mixed >> 29).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        (mixed >> 33) as usize
    }

    fn is_living(self) -> bool {
        self.is_of_one_page() || !self.draw(3).is_multiple_of(8)
    }

    /// Whether its site has but one page, which it shows under any address.
    fn is_of_one_page(self) -> bool {
        self.host() % 40 == 39
    }

    fn thing(self) -> (&'static str, &'static str, &'static str) {
        THINGS[self.draw(4) % THINGS.len()]
    }

    /// Away from 404, which by itself is a sign.
    fn number(self) -> usize {
        self.0 + 3000
    }

    fn path(self) -> String {
        let (english, german, _) = self.thing();
        let n = self.number();
        match self.naming() {
            Naming::Article => format!("/news/{english}-quarrel-ends-{n}"),
            Naming::Note => format!("/notes/about_the_{english}_of_{n}.html"),
            Naming::Photograph => format!("/photographs/{english}-morning-{n}/"),
            Naming::Transcribed => format!("/ru/gavan-plotina-{n}"),
            Naming::Foreign => format!("/de/{german}-streit-{n}"),
            Naming::Renamed => format!("/news/what-nobody-calls-{n}-today"),
            Naming::Number => format!("/article/{n}"),
            Naming::OneWord => format!("/topics/{english}-{n}"),
        }
    }

    fn shown(self) -> Act {
        let (english, _, russian) = self.thing();
        match self.naming() {
            Naming::Photograph => page(200, &site_page(&format!("Morning, {english}"), "", "")),
            Naming::Note | Naming::Number => {
                page(200, &site_page(english, &format!("A note about {english}"), "Three boats came in at noon."))
            }
            Naming::Transcribed => {
                page(200, &site_page(russian, russian, &format!("{russian} открылась утром. ").repeat(12)))
            }
            Naming::Renamed => good(&format!("the {english} of {}", self.number())),
            _ => good(&format!("Quarrel over the {english} ends, {}", self.number())),
        }
    }

    /// What its host says of pages that are not there.
    fn habit(self) -> Habit {
        match self.host() % 10 {
            0 | 1 => Habit::KnownWords,
            2 => Habit::SendsHome,
            3 | 4 => Habit::OwnWords,
            5 => Habit::SendsElsewhere,
            _ => Habit::Says404,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Habit {
    Says404,
    KnownWords,
    OwnWords,
    SendsHome,
    SendsElsewhere,
}

fn answer(pages: &[Page], seen: &Seen) -> Act {
    let host: usize = seen.host.trim_start_matches("site").split('.').next().unwrap().parse().unwrap();
    let any = pages.iter().copied().find(|page| page.host() == host).unwrap();
    if any.is_of_one_page() {
        return page(
            200,
            &site_page("Hotel Seaview", "Rooms with a view", "Twelve rooms, a garden, and breakfast until noon."),
        );
    }
    let found = pages.iter().copied().find(|page| page.host() == host && page.path() == seen.path && page.is_living());
    match (seen.path.as_str(), found, any.habit()) {
        ("/", ..) => front().1,
        ("/latest", ..) => good("all that is new"),
        (_, Some(page), _) => page.shown(),
        (.., Habit::KnownWords) => page(200, &site_page("Page not found", "Sorry", "We could not find that page.")),
        (.., Habit::OwnWords) => {
            let (title, words) = OWN_WORDS[host % OWN_WORDS.len()];
            page(200, &site_page(title, title, words))
        }
        (.., Habit::SendsHome) => redirect(302, "/"),
        (.., Habit::SendsElsewhere) => redirect(302, "/latest"),
        (.., Habit::Says404) => missing().1,
    }
}

/// Doubts cost less than three requests for ten references, call no page that
/// is there dead, and let few pass that are not: those whose addresses have no
/// words that their sites' frames do not have as well.
#[test]
fn doubts_are_cheap_and_right() {
    let pages: Vec<Page> = (0..REFERENCES).map(Page).collect();
    let server = Server::plain({
        let pages = pages.clone();
        move |seen| answer(&pages, seen)
    });
    let settings = FetchSettings { host_concurrency: 8, ..settings(&[server.rule("*", "")]) };
    let probes = pages.iter().map(|page| probe(&format!("http://site{}.test{}", page.host(), page.path()))).collect();
    let observations = ask(probes, &settings);
    let (mut dead, mut passed, mut failures) = (0, Vec::new(), Vec::new());
    for (cited, seen) in pages.iter().zip(&observations) {
        let standing = judge(seen).standing.name();
        let is_alive = matches!(standing, "alive" | "moved");
        dead += usize::from(!cited.is_living());
        if !cited.is_living() && is_alive {
            passed.push((cited.habit(), cited.naming()));
        }
        let is_undecided = cited.is_of_one_page() && standing == "unknown";
        if cited.is_living() && !is_alive && !is_undecided {
            failures.push(format!("{} {:?} {:?}: {standing}", seen.probe.url, cited.naming(), cited.habit()));
        }
    }
    let redirects: usize = observations.iter().map(|seen| seen.hops.len()).sum();
    let requests = server.seen().len();
    let asked = (requests - redirects) as f64 / REFERENCES as f64;
    println!("{asked:.3} requests a reference; of {dead} dead pages {} pass: {passed:?}", passed.len());
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert!(dead > REFERENCES / 10 && passed.len() * 10 < dead, "{} of {dead}", passed.len());
    assert!((requests - redirects) * 10 <= REFERENCES * 13, "{requests} requests, {redirects} of them redirects");
}
