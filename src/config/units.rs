//! Values with units, as people type them.

use std::time::Duration;

/// `500ms`, `20s`, `1m`, `2h`, `30d`; a bare number counts seconds.
///
/// # Errors
///
/// What to write instead.
pub fn duration(text: &str) -> Result<Duration, String> {
    let (number, unit) = split(text)?;
    let seconds = match unit {
        "ms" => number / 1000.0,
        "s" | "" => number,
        "m" | "min" => number * 60.0,
        "h" => number * 3600.0,
        "d" => number * 86_400.0,
        _ => return Err("use ms, s, m, h or d, for example 500ms".to_owned()),
    };
    Duration::try_from_secs_f64(seconds).map_err(|_| "out of range".to_owned())
}

/// `4MiB`, `500kB`, `1000`, in bytes.
///
/// # Errors
///
/// What to write instead.
pub fn size(text: &str) -> Result<u64, String> {
    let (number, unit) = split(text)?;
    let factor = match unit.to_ascii_lowercase().as_str() {
        "" | "b" => 1.0,
        "k" | "kb" => 1e3,
        "m" | "mb" => 1e6,
        "g" | "gb" => 1e9,
        "kib" => 1024.0,
        "mib" => 1024.0 * 1024.0,
        "gib" => 1024.0 * 1024.0 * 1024.0,
        _ => return Err("use B, kB, MB, KiB or MiB, for example 4MiB".to_owned()),
    };
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "not negative; saturates")]
    let bytes = (number * factor) as u64;
    Ok(bytes)
}

/// A number from 0 to 1.
///
/// # Errors
///
/// Where it is none.
pub fn fraction(text: &str) -> Result<f64, String> {
    text.parse().ok().filter(|value| (0.0..=1.0).contains(value)).ok_or_else(|| "a number from 0 to 1".to_owned())
}

fn split(text: &str) -> Result<(f64, &str), String> {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    number.parse().map(|number| (number, unit.trim())).map_err(|_| "begin with a number".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units() {
        assert_eq!(duration("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(duration("0s"), Ok(Duration::ZERO));
        assert_eq!(duration("1.5m"), Ok(Duration::from_secs(90)));
        assert!(duration("-1s").is_err());
        assert!(duration("5 parsecs").is_err());
        assert_eq!(size("4MiB"), Ok(4 << 20));
        assert_eq!(fraction("0.95"), Ok(0.95));
        assert!(fraction("1.1").is_err());
    }
}
