//! Ending a run early.

use std::sync::Arc;

use tokio::sync::watch;

/// Tells a run to end with what it knows. Clones are cheap and share one
/// state; a signal that was given stays given.
#[derive(Debug, Clone)]
pub struct StopSignal {
    state: Arc<watch::Sender<bool>>,
    heeds_interrupt: bool,
}

impl Default for StopSignal {
    fn default() -> Self {
        Self::new()
    }
}

impl StopSignal {
    /// A signal that only [`stop`](Self::stop) gives.
    #[must_use]
    pub fn new() -> Self {
        Self { state: Arc::new(watch::Sender::new(false)), heeds_interrupt: false }
    }

    /// A signal that Ctrl-C gives as well, while a run is under way. From the
    /// first such run on the process no longer ends by itself on Ctrl-C.
    #[must_use]
    pub fn on_interrupt() -> Self {
        Self { heeds_interrupt: true, ..Self::new() }
    }

    /// Gives the signal.
    pub fn stop(&self) {
        self.state.send_replace(true);
    }

    /// Whether the signal was given.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        *self.state.borrow()
    }

    /// Ends when the signal is given.
    pub(super) async fn stopped(&self) {
        let mut state = self.state.subscribe();
        let given = async { state.wait_for(|is_given| *is_given).await.is_ok() };
        if !self.heeds_interrupt {
            given.await;
            return;
        }
        tokio::select! {
            _ = given => {}
            // Where Ctrl-C cannot be heard, the other branch is still open.
            Ok(()) = tokio::signal::ctrl_c() => self.stop(),
        }
    }
}
