//! Fetching an article that was given by its address. The same connections,
//! address checks and limits as for references, but the bytes are wanted.

use jiff::Timestamp;
use reqwest::header::{CONTENT_TYPE, LOCATION};
use tokio::time::{Instant, timeout_at};
use url::Url;

use crate::verdict::{BodyExtent, Observation, Outcome, Phase, Probe, Withheld, judge};

use super::client::Client;
use super::exchange::{header_text, read_body};
use super::fault::failure_of;
use super::{FetchError, FetchSettings, StopSignal};

/// A downloaded article.
#[derive(Debug)]
pub struct Download {
    /// Its bytes, decompressed.
    pub body: Vec<u8>,
    /// Whether the server calls it HTML.
    pub is_html: bool,
}

/// Why an article could not be downloaded.
#[derive(Debug, thiserror::Error)]
pub enum DownloadError {
    /// The network could not be set up.
    #[error(transparent)]
    Setup(#[from] FetchError),
    /// The runtime could not start.
    #[error("the network runtime could not start: {0}")]
    Runtime(#[from] std::io::Error),
    /// The page could not be had.
    #[error("it could not be downloaded: {0}")]
    NoPage(String),
    /// Only a part of the page arrived.
    #[error("it could not be downloaded whole; try again, or raise --max-body")]
    Torn,
}

/// Downloads one article. Redirects are followed, each checked like the first.
///
/// # Errors
///
/// Where the page is not had whole; the sentence says why.
pub fn download(url: &Url, settings: &FetchSettings, stop: &StopSignal) -> Result<Download, DownloadError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let result = runtime.block_on(async {
        tokio::select! {
            result = follow(url, settings) => result,
            () = stop.stopped() => Err(no_page(url, Outcome::Withheld(Withheld::Interrupted))),
        }
    });
    runtime.shutdown_background();
    result
}

async fn follow(url: &Url, settings: &FetchSettings) -> Result<Download, DownloadError> {
    let client = Client::new(settings)?;
    let mut url = url.clone();
    for _ in 0..=settings.max_redirects {
        let call = client.call(&url).map_err(|outcome| no_page(&url, outcome))?;
        let deadline = Instant::now() + settings.timeout;
        let answer = match timeout_at(deadline, call.send()).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(error)) => return Err(no_page(&url, failure_of(&error).outcome)),
            Err(_) => return Err(no_page(&url, Outcome::TimedOut(Phase::Headers))),
        };
        let headers = answer.response.headers();
        let status = answer.response.status().as_u16();
        if matches!(status, 301 | 302 | 303 | 307 | 308) {
            let location = header_text(headers, LOCATION.as_str());
            let next = location.and_then(|location| url.join(&location).ok());
            url = next.ok_or_else(|| no_page(&url, Outcome::BadRedirect))?;
            continue;
        }
        if status != 200 {
            return Err(no_page(&url, Outcome::Answered { status, headers: Vec::new(), page: None }));
        }
        let content_type = header_text(headers, CONTENT_TYPE.as_str()).unwrap_or_default();
        let (body, extent) = read_body(answer, deadline, settings.max_body).await;
        if !matches!(extent, BodyExtent::Whole) {
            return Err(DownloadError::Torn);
        }
        return Ok(Download { body, is_html: content_type.contains("html") });
    }
    Err(no_page(&url, Outcome::TooManyRedirects))
}

/// The error in the words that a verdict on the same outcome would use.
fn no_page(url: &Url, outcome: Outcome) -> DownloadError {
    let probe = Probe::new(url.clone());
    let mut observation = Observation::withheld(probe, Withheld::Interrupted, Timestamp::UNIX_EPOCH);
    observation.outcome = outcome;
    let verdict = judge(&observation);
    let words = verdict.evidence.first().map_or_else(|| verdict.reason.to_owned(), |fact| fact.text.clone());
    DownloadError::NoPage(words)
}
