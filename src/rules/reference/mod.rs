//! What references say and do not say.

pub(super) mod site_only;
