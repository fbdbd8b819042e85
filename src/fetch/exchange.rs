//! One request and its answer, within one time limit. Nothing a server sends
//! is an error of ours: a torn body, a lie about its length, a stream that
//! never ends are facts of the page.

use std::time::Duration;

use jiff::Timestamp;
use reqwest::Response;
use reqwest::header::{CONTENT_TYPE, HeaderMap, LOCATION, RETRY_AFTER};
use tokio::time::{Instant, timeout_at};

use crate::verdict::{BodyExtent, Outcome, PageFacts, Validators, is_judged_header, is_textual, retry_after};

use super::client::Call;
use super::fault::{Failure, failure_of};

/// Limits of one exchange.
#[derive(Debug, Clone, Copy)]
pub(super) struct ExchangeLimits {
    /// From the first packet to the last byte.
    pub timeout: Duration,
    /// Bytes of a body that are read, after decompression.
    pub max_body: u64,
}

/// What came back.
#[derive(Debug)]
pub(super) enum Reply {
    /// A redirect, and where to if it says so.
    Redirect { status: u16, location: Option<String> },
    /// Any other answer, and how long the server asks us to wait.
    Answer { outcome: Outcome, asked_wait: Option<Duration> },
    /// No answer.
    Failed(Failure),
}

/// Longest header value kept, in characters.
const LONGEST_HEADER: usize = 500;

/// Sends `call` and reads what comes back.
pub(super) async fn exchange(call: Call, limits: ExchangeLimits) -> Reply {
    let deadline = Instant::now() + limits.timeout;
    let response = match timeout_at(deadline, call.send()).await {
        Ok(Ok(response)) => response,
        Ok(Err(error)) => return Reply::Failed(failure_of(&error)),
        Err(_) => return Reply::Failed(Failure::without_headers()),
    };
    let status = response.status().as_u16();
    if matches!(status, 301 | 302 | 303 | 307 | 308) {
        let location = header_text(response.headers(), LOCATION.as_str());
        return Reply::Redirect { status, location };
    }
    let headers = judged_headers(response.headers());
    let asked_wait =
        header_text(response.headers(), RETRY_AFTER.as_str()).and_then(|value| retry_after(&value, Timestamp::now()));
    let page = Some(Box::new(read_page(response, deadline, limits.max_body).await));
    Reply::Answer { outcome: Outcome::Answered { status, headers, page }, asked_wait }
}

pub(super) fn header_text(headers: &HeaderMap, name: &str) -> Option<String> {
    Some(String::from_utf8_lossy(headers.get(name)?.as_bytes()).into_owned())
}

fn judged_headers(headers: &HeaderMap) -> Vec<(String, String)> {
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

async fn read_page(response: Response, deadline: Instant, max_body: u64) -> PageFacts {
    let content_type = header_text(response.headers(), CONTENT_TYPE.as_str());
    if !content_type.as_deref().is_none_or(is_textual) {
        return PageFacts::read(&[], content_type.as_deref(), BodyExtent::Unread);
    }
    let (body, extent) = read_body(response, deadline, max_body).await;
    PageFacts::read(&body, content_type.as_deref(), extent)
}

/// Decompression runs as the body is pulled, so a small body that unpacks to
/// gigabytes stops at the limit like any other.
pub(super) async fn read_body(mut response: Response, deadline: Instant, max_body: u64) -> (Vec<u8>, BodyExtent) {
    let limit = usize::try_from(max_body).unwrap_or(usize::MAX);
    let mut body = Vec::new();
    loop {
        match timeout_at(deadline, response.chunk()).await {
            Ok(Ok(Some(chunk))) => {
                let room = limit - body.len();
                body.extend(chunk.iter().take(room));
                if chunk.len() > room {
                    return (body, BodyExtent::CutAtLimit);
                }
            }
            Ok(Ok(None)) => return (body, BodyExtent::Whole),
            Ok(Err(_)) | Err(_) => return (body, BodyExtent::Torn),
        }
    }
}
