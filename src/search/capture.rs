//! Captures of a page, and the forms in which archives list them: the lines of
//! a CDX server (the Wayback Machine's CDX Server API) and Memento TimeMaps in
//! link format (RFC 7089, section 5; RFC 6690).

use jiff::civil::{Date, DateTime};
use jiff::fmt::rfc2822;
use url::Url;

/// One capture of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capture {
    /// Where it can be read.
    pub url: Url,
    /// When it was taken (UTC).
    pub taken: DateTime,
}

/// What archives have of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Archived {
    /// These captures, oldest first: not all there are, but the nearest to the
    /// days that were asked for.
    Captures(Vec<Capture>),
    /// None, and there never was one.
    Nothing,
    /// Nobody knows, and why.
    NotKnown(String),
}

impl Archived {
    /// The capture that shows a page as an article of that day saw it: the last
    /// one until then, else the first one after it. Without a day, the last.
    #[must_use]
    pub fn nearest(&self, date: Option<Date>) -> Option<&Capture> {
        let Self::Captures(captures) = self else { return None };
        let until = captures.iter().rfind(|capture| date.is_none_or(|date| capture.taken.date() <= date));
        until.or_else(|| captures.first())
    }
}

/// More captures of one answer are not looked at.
const MOST: usize = 10_000;

/// The captures that the lines of a CDX server list; `None` where the answer is
/// no such list. `playback` is what stands before the time of a capture in its
/// address.
pub(super) fn read_cdx(text: &str, playback: &Url) -> Option<Vec<Capture>> {
    let mut captures = Vec::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()).take(MOST) {
        let (time, taken, rest) = dated(line)?;
        let mut fields = rest.split_whitespace();
        let original = fields.next()?;
        // Of all fields, only a status is three digits.
        let is_status = |field: &&str| field.len() == 3 && field.bytes().all(|byte| byte.is_ascii_digit());
        if fields.find(is_status).is_some_and(|status| status != "200") {
            continue;
        }
        let url = Url::parse(&format!("{playback}{time}/{original}")).ok()?;
        captures.push(Capture { url, taken });
    }
    Some(captures)
}

/// The first field of a line that is a time of 14 digits, and what follows.
fn dated(line: &str) -> Option<(&str, DateTime, &str)> {
    let mut rest = line;
    for _ in 0..2 {
        let (field, after) = rest.split_once(' ')?;
        if let Some(taken) = digits(field) {
            return Some((field, taken, after));
        }
        rest = after;
    }
    None
}

/// `20260309101500`.
fn digits(field: &str) -> Option<DateTime> {
    let is_time = field.len() == 14 && field.bytes().all(|byte| byte.is_ascii_digit());
    let part = |from: usize, to: usize| field.get(from..to)?.parse::<i8>().ok();
    let year = field.get(..4).filter(|_| is_time)?.parse().ok()?;
    DateTime::new(year, part(4, 6)?, part(6, 8)?, part(8, 10)?, part(10, 12)?, part(12, 14)?, 0).ok()
}

/// A TimeMap.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct TimeMap {
    pub captures: Vec<Capture>,
    /// Further TimeMaps, each with the day until which it goes.
    pub further: Vec<(Url, Option<Date>)>,
}

/// Reads a TimeMap that stood at `base`; `None` where it is none.
pub(super) fn read_timemap(text: &str, base: &Url) -> Option<TimeMap> {
    let mut map = TimeMap::default();
    let mut is_map = false;
    let mut rest = text.trim_start_matches(|c: char| c.is_whitespace() || c == ',');
    while let Some(inner) = rest.strip_prefix('<') {
        let (address, after) = inner.split_once('>')?;
        let (parameters, next) = parameters(after);
        rest = next;
        let value = |name: &str| parameters.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        let value = |name: &str| value(name).map(|(_, value)| *value);
        let relations: Vec<&str> = value("rel").unwrap_or_default().split_whitespace().collect();
        is_map |= relations.iter().any(|rel| matches!(*rel, "original" | "memento" | "timemap" | "timegate"));
        let Ok(url) = base.join(address.trim()) else { continue };
        if relations.contains(&"memento") {
            let taken = value("datetime").and_then(mail_time);
            map.captures.extend(taken.map(|taken| Capture { url, taken }));
        } else if relations.contains(&"timemap") && !relations.contains(&"self") && url != *base {
            map.further.push((url, value("until").and_then(mail_time).map(DateTime::date)));
        }
        if map.captures.len() + map.further.len() >= MOST {
            break;
        }
    }
    is_map.then_some(map)
}

fn mail_time(text: &str) -> Option<DateTime> {
    let timestamp = rfc2822::DateTimeParser::new().parse_timestamp(text).ok()?;
    Some(timestamp.to_zoned(jiff::tz::TimeZone::UTC).datetime())
}

/// The parameters of a link, and what follows the comma behind them.
fn parameters(text: &str) -> (Vec<(&str, &str)>, &str) {
    let mut parameters = Vec::new();
    let mut rest = text.trim_start();
    while let Some(inner) = rest.strip_prefix(';') {
        let end = inner.find(['=', ';', ',']).unwrap_or(inner.len());
        let (name, after) = inner.split_at_checked(end).unwrap_or((inner, ""));
        let Some(value) = after.strip_prefix('=') else {
            rest = after.trim_start();
            continue;
        };
        let (value, after) = match value.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
            None => value.split_at_checked(value.find([';', ',']).unwrap_or(value.len())).unwrap_or((value, "")),
        };
        parameters.push((name.trim(), value.trim()));
        rest = after.trim_start();
    }
    (parameters, rest.trim_start_matches(|c: char| c.is_whitespace() || c == ','))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        text.parse().expect("a URL")
    }

    fn days(captures: &[Capture]) -> Vec<String> {
        captures.iter().map(|capture| capture.taken.to_string()).collect()
    }

    #[test]
    fn lines_of_a_cdx_server() {
        let playback = url("https://web.archive.test/web/");
        let text = "20190102030405 https://a.test/x?y 200\norg,a)/x 20200102030405 https://a.test/x text/html 200 ABC 123\n20210102030405 https://a.test/x 404\n";
        let captures = read_cdx(text, &playback).expect("a list");
        assert_eq!(days(&captures), ["2019-01-02T03:04:05", "2020-01-02T03:04:05"]);
        assert_eq!(captures[0].url.as_str(), "https://web.archive.test/web/20190102030405/https://a.test/x?y");
        assert_eq!(read_cdx("\n", &playback), Some(Vec::new()));
        for other in ["<html>Sorry</html>", "Blocked Site Error", "20191302030405 https://a.test/ 200", "x y z"] {
            assert_eq!(read_cdx(other, &playback), None, "{other}");
        }
    }

    #[test]
    fn time_maps_in_link_format() {
        let text = "<http://a.test/>; rel=\"original\",\n<http://arc.test/timemap/1>;rel=\"self\";type=\"application/link-format\",\n\
            <http://arc.test/20190102/http://a.test/?q=a,b>; rel=\"first memento\"; datetime=\"Wed, 02 Jan 2019 03:04:05 GMT\",\n\
            </timemap/2>; rel=timemap; from=\"Thu, 02 Jan 2020 03:04:05 GMT\"; until=\"Sat, 02 Jan 2021 03:04:05 GMT\"\n";
        let map = read_timemap(text, &url("http://arc.test/timemap/1")).expect("a map");
        assert_eq!(days(&map.captures), ["2019-01-02T03:04:05"]);
        assert_eq!(map.captures[0].url.as_str(), "http://arc.test/20190102/http://a.test/?q=a,b");
        assert_eq!(map.further, [(url("http://arc.test/timemap/2"), "2021-01-02".parse().ok())]);
        for other in ["", "<html><p>x</p></html>", "<a>", "<", "<x>;rel=next"] {
            assert_eq!(read_timemap(other, &url("http://arc.test/")), None, "{other}");
        }
    }

    #[test]
    fn the_nearest_is_the_last_until_the_day() {
        let capture = |day: &str| Capture {
            url: url(&format!("https://arc.test/{day}")),
            taken: format!("{day}T00:00:00").parse().expect("a time"),
        };
        let archived = Archived::Captures(["2019-01-01", "2020-01-01", "2021-01-01"].map(capture).to_vec());
        let nearest = |date: Option<&str>| {
            let date = date.map(|date| date.parse().expect("a date"));
            archived.nearest(date).map(|capture| capture.taken.date().to_string())
        };
        assert_eq!(nearest(Some("2020-06-01")).as_deref(), Some("2020-01-01"));
        assert_eq!(nearest(Some("2020-01-01")).as_deref(), Some("2020-01-01"));
        assert_eq!(nearest(Some("2018-06-01")).as_deref(), Some("2019-01-01"));
        assert_eq!(nearest(None).as_deref(), Some("2021-01-01"));
        assert_eq!(Archived::Nothing.nearest(None), None);
    }
}
