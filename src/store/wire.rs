//! The wire form of an [`Observation`]: JSON in an envelope that names its
//! version. The core types know nothing of it; each has a twin here whose
//! shape the compiler compares with the original (serde's remote derive), so
//! a field that is added there and not here does not compile.
//!
//! Growing it: a new field gets `#[serde(default)]` where its absence has a
//! meaning, and old files stay readable. Where it has none, or where something
//! changes its meaning, [`WIRE_VERSION`] goes up and [`decode`] says so of
//! files of the other version.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::verdict::{
    BodyExtent, Control, ControlKind, Held, Hop, Keep, NetworkFault, Observation, Outcome, PageFacts, PageSign,
    PageText, Passage, Phase, Probe, Sketch, Timing, TlsFault, WallPhrase, Withheld,
};

/// The version that [`encode`] writes.
pub const WIRE_VERSION: u32 = 1;

/// Why bytes are no observation.
#[derive(Debug, thiserror::Error)]
pub enum WireError {
    /// Another version of the program wrote it.
    #[error("it was written by another version of obelus (form {found}, and this one reads {WIRE_VERSION})")]
    OtherVersion {
        /// The version it names.
        found: u32,
    },
    /// It is damaged, or never was one.
    #[error("it is damaged: {0}")]
    Damaged(#[from] serde_json::Error),
}

/// The wire form of an observation: one line of JSON without a line end.
///
/// # Errors
///
/// None is known: every observation has a wire form.
pub fn encode(observation: &Observation) -> Result<Vec<u8>, WireError> {
    #[derive(Serialize)]
    struct Envelope<'a> {
        form: u32,
        #[serde(with = "ObservationWire")]
        observation: &'a Observation,
    }
    Ok(serde_json::to_vec(&Envelope { form: WIRE_VERSION, observation })?)
}

/// Reads what [`encode`] wrote.
///
/// # Errors
///
/// Where it is of another version or damaged.
pub fn decode(bytes: &[u8]) -> Result<Observation, WireError> {
    #[derive(Deserialize)]
    struct Form {
        form: u32,
    }
    #[derive(Deserialize)]
    struct Envelope {
        #[serde(with = "ObservationWire")]
        observation: Observation,
    }
    // Another version's observation need not make sense as one of ours, so
    // its form is read first.
    let Form { form } = serde_json::from_slice(bytes)?;
    if form != WIRE_VERSION {
        return Err(WireError::OtherVersion { found: form });
    }
    Ok(serde_json::from_slice::<Envelope>(bytes)?.observation)
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Observation")]
struct ObservationWire {
    #[serde(with = "ProbeWire")]
    probe: Probe,
    final_url: Url,
    #[serde(with = "hops", default, skip_serializing_if = "Vec::is_empty")]
    hops: Vec<Hop>,
    #[serde(with = "maybe_outcome", default, skip_serializing_if = "Option::is_none")]
    before_fallback: Option<Outcome>,
    #[serde(with = "OutcomeWire")]
    outcome: Outcome,
    #[serde(with = "controls", default, skip_serializing_if = "Vec::is_empty")]
    controls: Vec<Control>,
    attempts: u32,
    elapsed: Duration,
    at: Timestamp,
    #[serde(default, skip_serializing_if = "is_false")]
    is_cached: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Probe")]
struct ProbeWire {
    url: Url,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    fallback: Option<Url>,
    #[serde(with = "KeepWire", default, skip_serializing_if = "keeps_nothing")]
    keep: Keep,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Keep")]
struct KeepWire {
    text: bool,
    anchors: bool,
    #[serde(default, skip_serializing_if = "is_false")]
    source: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Control")]
struct ControlWire {
    #[serde(with = "ControlKindWire")]
    kind: ControlKind,
    #[serde(with = "shared_observation")]
    seen: Arc<Observation>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "ControlKind", rename_all = "kebab-case")]
enum ControlKindWire {
    Sibling,
    Root,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Hop")]
struct HopWire {
    url: Url,
    status: u16,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Outcome", rename_all = "kebab-case")]
enum OutcomeWire {
    Answered {
        status: u16,
        headers: Vec<(String, String)>,
        #[serde(with = "maybe_page", default, skip_serializing_if = "Option::is_none")]
        page: Option<Box<PageFacts>>,
    },
    NameNotFound,
    HostNotFound,
    NameTrouble,
    Unreachable(#[serde(with = "NetworkFaultWire")] NetworkFault),
    Tls(#[serde(with = "TlsFaultWire")] TlsFault),
    TimedOut(#[serde(with = "PhaseWire")] Phase),
    TooManyRedirects,
    BadRedirect,
    UnsupportedScheme,
    Withheld(#[serde(with = "WithheldWire")] Withheld),
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "PageFacts")]
struct PageFactsWire {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    media_type: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    heading: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    published: Option<Date>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    language: Option<String>,
    size: u64,
    #[serde(with = "BodyExtentWire")]
    extent: BodyExtent,
    #[serde(with = "phrases", default, skip_serializing_if = "Vec::is_empty")]
    phrases: Vec<WallPhrase>,
    #[serde(with = "signs", default, skip_serializing_if = "Vec::is_empty")]
    signs: Vec<PageSign>,
    #[serde(default)]
    characters: u32,
    #[serde(default)]
    words: u32,
    #[serde(with = "SketchWire", default, skip_serializing_if = "Sketch::is_empty")]
    sketch: Sketch,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    is_free: Option<bool>,
    #[serde(with = "maybe_text", default, skip_serializing_if = "Option::is_none")]
    text: Option<PageText>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    anchors: Option<Vec<String>>,
    #[serde(with = "passages", default, skip_serializing_if = "Vec::is_empty")]
    passages: Vec<Passage>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    source: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Passage")]
struct PassageWire {
    quoted: String,
    #[serde(with = "HeldWire")]
    held: Held,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Held", rename_all = "kebab-case")]
enum HeldWire {
    Verbatim,
    Altered(String),
    Absent,
    Undecided,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "PageText")]
struct PageTextWire {
    content: String,
    is_whole: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Sketch")]
struct SketchWire {
    #[serde(getter = "Sketch::to_minima")]
    minima: Vec<u64>,
}

impl From<SketchWire> for Sketch {
    fn from(wire: SketchWire) -> Self {
        Self::from_minima(wire.minima)
    }
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "PageSign", rename_all = "kebab-case")]
enum PageSignWire {
    MissingTitle,
    MissingText,
    ForSale,
    ParkingService,
    PasswordField,
    ConsentFramework,
    NeedsScripts,
    Refresh,
    Scripts,
    LittleOfAddress,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "BodyExtent", rename_all = "kebab-case")]
enum BodyExtentWire {
    Whole,
    CutAtLimit,
    Torn,
    Unread,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Phase", rename_all = "kebab-case")]
enum PhaseWire {
    Resolve,
    Connect,
    Headers,
    Body,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "TlsFault", rename_all = "kebab-case")]
enum TlsFaultWire {
    Expired,
    NotYetValid,
    WrongName,
    UnknownIssuer,
    Revoked,
    TooOld,
    Other(String),
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "NetworkFault", rename_all = "kebab-case")]
enum NetworkFaultWire {
    Refused,
    Reset,
    NoRoute,
    NoAddress,
    Protocol(String),
    Other(String),
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Withheld", rename_all = "kebab-case")]
enum WithheldWire {
    Offline,
    PrivateAddress,
    Interrupted,
    NoNetwork,
    AskedToWait,
    Robots,
    Excluded,
    Budget,
    NotRecorded,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "WallPhrase", rename_all = "kebab-case")]
enum WallPhraseWire {
    AccessDenied,
    ReferenceNumber,
    IncapsulaResource,
    IncapsulaIncident,
    WhyWasIBlocked,
    AutomationTools,
    CaptchaDelivery,
    SucuriDenied,
    RequestRejected,
    AnubisChallenge,
    AnubisCommand,
}

/// How a run's timing stands on a tape.
#[derive(Serialize, Deserialize)]
#[serde(remote = "Timing")]
pub(super) struct TimingWire {
    requests: u64,
    #[serde(default)]
    beside: u64,
    elapsed: Duration,
    optimum: Duration,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_false(value: &bool) -> bool {
    !value
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn keeps_nothing(keep: &Keep) -> bool {
    *keep == Keep::default()
}

/// A page is boxed in memory.
mod maybe_page {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::{PageFacts, PageFactsWire};

    #[derive(Serialize)]
    struct Lent<'a>(#[serde(with = "PageFactsWire")] &'a PageFacts);

    #[derive(Deserialize)]
    struct Owned(#[serde(with = "PageFactsWire")] PageFacts);

    #[expect(clippy::ref_option, reason = "serde asks so")]
    pub(super) fn serialize<S: Serializer>(page: &Option<Box<PageFacts>>, to: S) -> Result<S::Ok, S::Error> {
        page.as_deref().map(Lent).serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Box<PageFacts>>, D::Error> {
        let page: Option<Owned> = Deserialize::deserialize(from)?;
        Ok(page.map(|Owned(page)| Box::new(page)))
    }
}

/// A control's observation is shared in memory and written out on disk.
mod shared_observation {
    use serde::{Deserializer, Serializer};

    use super::{Arc, Observation, ObservationWire};

    pub(super) fn serialize<S: Serializer>(seen: &Arc<Observation>, to: S) -> Result<S::Ok, S::Error> {
        ObservationWire::serialize(seen, to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Arc<Observation>, D::Error> {
        ObservationWire::deserialize(from).map(Arc::new)
    }
}

/// A twin stands for its original alone; this makes the module that stands
/// for several of it, or for one or none.
macro_rules! holder {
    ($module:ident, Vec<$original:ident>, $twin:literal) => {
        holder!(
            $module,
            Vec<$original>,
            [$original],
            $twin,
            |held| held.iter().map(Lent).collect::<Vec<_>>(),
            |held: Vec<Owned>| { held.into_iter().map(|Owned(original)| original).collect() }
        );
    };
    ($module:ident, Option<$original:ident>, $twin:literal) => {
        holder!(
            $module,
            Option<$original>,
            Option<$original>,
            $twin,
            |held| held.as_ref().map(Lent),
            |held: Option<Owned>| { held.map(|Owned(original)| original) }
        );
    };
    ($module:ident, $held:ty, $borrowed:ty, $twin:literal, |$lent:ident| $lend:expr, $own:expr) => {
        pub(super) mod $module {
            use serde::{Deserialize, Deserializer, Serialize, Serializer};

            use super::*;

            type Original = <$held as IntoIterator>::Item;

            #[derive(Serialize)]
            struct Lent<'a>(#[serde(with = $twin)] &'a Original);

            #[derive(Deserialize)]
            struct Owned(#[serde(with = $twin)] Original);

            pub(in crate::store) fn serialize<S: Serializer>($lent: &$borrowed, to: S) -> Result<S::Ok, S::Error> {
                $lend.serialize(to)
            }

            pub(in crate::store) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<$held, D::Error> {
                Deserialize::deserialize(from).map($own)
            }
        }
    };
}

holder!(controls, Vec<Control>, "ControlWire");
holder!(hops, Vec<Hop>, "HopWire");
holder!(passages, Vec<Passage>, "PassageWire");
holder!(phrases, Vec<WallPhrase>, "WallPhraseWire");
holder!(signs, Vec<PageSign>, "PageSignWire");
holder!(maybe_outcome, Option<Outcome>, "OutcomeWire");
holder!(maybe_text, Option<PageText>, "PageTextWire");
holder!(maybe_timing, Option<Timing>, "TimingWire");
