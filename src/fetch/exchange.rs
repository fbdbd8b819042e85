//! One request and its answer, within one time limit. Nothing a server sends
//! is an error of ours: a torn body, a lie about its length, a stream that
//! never ends are facts of the page.

use std::net::IpAddr;
use std::time::Duration;

use jiff::Timestamp;
use reqwest::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, LOCATION, RETRY_AFTER};
use tokio::time::{Instant, timeout_at};

use crate::verdict::{
    AskedWaits, BodyExtent, LONGEST_SOURCE, Outcome, PageFacts, Validators, is_judged_header, is_textual, quota_wait,
    retry_after,
};

use super::body::{Taken, Unpacker};
use super::client::{Answer, Call};
use super::fault::{Failure, TransportError, failure_of};

/// Limits of one exchange.
#[derive(Debug, Clone, Copy)]
pub(super) struct ExchangeLimits {
    /// From the first packet to the last byte.
    pub timeout: Duration,
    /// Bytes of a body that are read, after decompression.
    pub max_body: u64,
    /// Whether the body itself is wanted, beside the facts of it.
    pub wants_body: bool,
    /// Whether the facts of it hold all of it, whatever it is.
    pub keeps_source: bool,
}

/// What came back, and from where.
#[derive(Debug)]
pub(super) struct Heard {
    pub reply: Reply,
    /// The address that answered, or that has no seat.
    pub address: Option<IpAddr>,
}

/// What came back.
#[derive(Debug)]
pub(super) enum Reply {
    /// A redirect, and where to if it says so.
    Redirect { status: u16, location: Option<String> },
    /// Any other answer, and how long the server asks us to wait.
    Answer {
        outcome: Outcome,
        asked: AskedWaits,
        /// Empty where only the facts of it were wanted.
        body: Vec<u8>,
    },
    /// No answer.
    Failed(Failure),
    /// Nothing was sent: the address has as many connections as it may have.
    Busy,
}

/// Longest header value kept, in characters.
const LONGEST_HEADER: usize = 500;

/// A page from here on (bytes) is read by another thread, for the connections
/// must not wait for it. Reading a shorter one takes less time than handing it
/// over.
const LONG_PAGE: usize = 512;

/// A redirect's body up to here (bytes) is read, so that its connection can
/// serve again.
const SHORT_BODY: u64 = 16 << 10;

/// Sends `call` and reads what comes back.
pub(super) async fn exchange(call: Call, limits: ExchangeLimits) -> Heard {
    let deadline = Instant::now() + limits.timeout;
    let failed = |failure| Heard { reply: Reply::Failed(failure), address: None };
    let answer = match timeout_at(deadline, call.send()).await {
        Ok(Ok(answer)) => answer,
        Ok(Err(TransportError::Busy(address))) => return Heard { reply: Reply::Busy, address: Some(address) },
        Ok(Err(error)) => return failed(failure_of(&error)),
        Err(_) => return failed(Failure::without_headers()),
    };
    let address = answer.address();
    let status = answer.response.status().as_u16();
    let headers = answer.response.headers();
    if matches!(status, 301 | 302 | 303 | 307 | 308) {
        let location = header_text(headers, LOCATION.as_str());
        leave(answer, deadline).await;
        return Heard { reply: Reply::Redirect { status, location }, address };
    }
    let kept = kept_headers(headers);
    let asked = asked_waits(headers);
    let (page, body) = if limits.wants_body {
        (None, read_body(answer, deadline, limits.max_body).await.0)
    } else {
        (Some(Box::new(read_page(answer, deadline, &limits).await)), Vec::new())
    };
    Heard { reply: Reply::Answer { outcome: Outcome::Answered { status, headers: kept, page }, asked, body }, address }
}

pub(super) fn header_text(headers: &HeaderMap, name: &str) -> Option<String> {
    Some(String::from_utf8_lossy(headers.get(name)?.as_bytes()).into_owned())
}

fn asked_waits(headers: &HeaderMap) -> AskedWaits {
    let now = Timestamp::now();
    AskedWaits {
        retry_after: header_text(headers, RETRY_AFTER.as_str()).and_then(|value| retry_after(&value, now)),
        quota: quota_wait(|name| header_text(headers, name), now),
    }
}

fn kept_headers(headers: &HeaderMap) -> Vec<(String, String)> {
    let is_kept = |name: &str| is_judged_header(name) || Validators::is_one(name);
    let judged = headers.iter().filter(|(name, _)| is_kept(name.as_str()));
    let mut kept: Vec<(String, String)> = judged
        .map(|(name, value)| {
            let value = String::from_utf8_lossy(value.as_bytes());
            (name.as_str().to_owned(), value.chars().take(LONGEST_HEADER).collect())
        })
        .collect();
    kept.sort();
    kept
}

async fn read_page(answer: Answer, deadline: Instant, limits: &ExchangeLimits) -> PageFacts {
    let content_type = header_text(answer.response.headers(), CONTENT_TYPE.as_str());
    let keeps_source = limits.keeps_source;
    let max_body = if keeps_source { limits.max_body.min(LONGEST_SOURCE) } else { limits.max_body };
    if !keeps_source && !content_type.as_deref().is_none_or(is_textual) {
        leave(answer, deadline).await;
        return PageFacts::read(&[], content_type.as_deref(), BodyExtent::Unread);
    }
    let (body, extent) = read_body(answer, deadline, max_body).await;
    if body.len() < LONG_PAGE && !keeps_source {
        return PageFacts::read(&body, content_type.as_deref(), extent);
    }
    let reading = tokio::task::spawn_blocking(move || {
        if keeps_source {
            PageFacts::read_whole(&unzipped(body, max_body), content_type.as_deref(), extent)
        } else {
            PageFacts::read(&body, content_type.as_deref(), extent)
        }
    });
    // It does not panic; were it to, nothing would be known of the page.
    reading.await.unwrap_or_else(|_| PageFacts::read(&[], None, BodyExtent::Unread))
}

/// Lists of pages are often files that are packed themselves, and not by the
/// server (`sitemap.xml.gz`).
fn unzipped(body: Vec<u8>, max_body: u64) -> Vec<u8> {
    const MAGIC: &[u8] = &[0x1f, 0x8b];
    let limit = usize::try_from(max_body).unwrap_or(usize::MAX);
    match Unpacker::new("gzip", limit).filter(|_| body.starts_with(MAGIC)) {
        Some(mut unpacker) => {
            // What is broken or too much leaves what came before it.
            let _ = unpacker.take(body.as_slice());
            let _ = unpacker.finish();
            unpacker.into_bytes()
        }
        None => body,
    }
}

/// Lets go of an answer whose body does not matter.
async fn leave(answer: Answer, deadline: Instant) {
    if answer.response.content_length().is_some_and(|length| length <= SHORT_BODY) {
        let _ = read_raw(answer, deadline, SHORT_BODY).await;
    }
}

/// Reads a body up to the limit. What is left of it is never read: its
/// connection is closed.
pub(super) async fn read_body(answer: Answer, deadline: Instant, max_body: u64) -> (Vec<u8>, BodyExtent) {
    let coding = header_text(answer.response.headers(), CONTENT_ENCODING.as_str()).unwrap_or_default();
    let limit = usize::try_from(max_body).unwrap_or(usize::MAX);
    match Unpacker::new(&coding, limit) {
        Some(unpacker) => read_into(unpacker, answer, deadline).await,
        None => (Vec::new(), BodyExtent::Unread),
    }
}

async fn read_raw(answer: Answer, deadline: Instant, limit: u64) -> Option<(Vec<u8>, BodyExtent)> {
    let unpacker = Unpacker::new("", usize::try_from(limit).ok()?)?;
    Some(read_into(unpacker, answer, deadline).await)
}

async fn read_into(mut unpacker: Unpacker, mut answer: Answer, deadline: Instant) -> (Vec<u8>, BodyExtent) {
    let extent = loop {
        match timeout_at(deadline, answer.response.chunk()).await {
            Ok(Ok(Some(piece))) => match unpacker.take(piece) {
                Taken::All => {}
                Taken::TooMuch => break BodyExtent::CutAtLimit,
                Taken::Broken => break BodyExtent::Torn,
            },
            Ok(Ok(None)) => {
                answer.give_back();
                break match unpacker.finish() {
                    Taken::All => BodyExtent::Whole,
                    Taken::TooMuch => BodyExtent::CutAtLimit,
                    Taken::Broken => BodyExtent::Torn,
                };
            }
            Ok(Err(_)) | Err(_) => break BodyExtent::Torn,
        }
    };
    (unpacker.into_bytes(), extent)
}
