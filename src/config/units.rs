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

/// As [`duration`], but not none at all.
///
/// # Errors
///
/// What to write instead.
pub fn positive_duration(text: &str) -> Result<Duration, String> {
    duration(text).and_then(|time| if time.is_zero() { Err("use more than no time".to_owned()) } else { Ok(time) })
}

/// As [`size`], but at least one byte.
///
/// # Errors
///
/// What to write instead.
pub fn positive_size(text: &str) -> Result<u64, String> {
    size(text).and_then(|bytes| if bytes == 0 { Err("use one byte at least".to_owned()) } else { Ok(bytes) })
}

/// A count of one or more.
///
/// # Errors
///
/// Where it is none.
pub fn positive(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|count| *count > 0).ok_or_else(|| "use a whole number from 1 on".to_owned())
}

/// What a header of HTTP may hold: printable ASCII on one line.
///
/// # Errors
///
/// Where it holds something else.
pub fn header_value(text: &str) -> Result<String, String> {
    let is_fit = text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) && !text.trim().is_empty();
    if is_fit { Ok(text.to_owned()) } else { Err("use printable ASCII characters on one line".to_owned()) }
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
        assert!(positive_duration("0s").is_err() && positive_duration("1ms").is_ok());
        assert!(positive_size("0").is_err() && positive_size("0.1B").is_err() && positive_size("1").is_ok());
        assert!(positive("0").is_err() && positive("-1").is_err());
        assert_eq!(positive("64"), Ok(64));
        assert!(header_value("x\ny").is_err() && header_value("é").is_err() && header_value(" ").is_err());
        assert_eq!(header_value("Desk/1.0 (+https://a.org)"), Ok("Desk/1.0 (+https://a.org)".to_owned()));
        assert_eq!(fraction("0.95"), Ok(0.95));
        assert!(fraction("1.1").is_err());
    }
}
