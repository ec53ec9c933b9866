//! How long to wait before asking again.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// No wait is longer, whatever the service asks for.
pub(super) const LONGEST: Duration = Duration::from_secs(60);

/// Whether a status says that the same question may be answered later.
pub(super) fn may_pass(status: u16) -> bool {
    matches!(status, 429 | 502 | 503 | 504)
}

/// The wait after a number of tries: what the service asks for, else doubling from half a second.
pub(super) fn before_next(tries: u32, asked: Option<Duration>) -> Duration {
    let doubling = || {
        let base = Duration::from_millis(500) * 2_u32.saturating_pow(tries.saturating_sub(1).min(10));
        // Not random, but enough that several connectors do not ask in step.
        base + Duration::from_millis(u64::from(tries) * 37 % 100)
    };
    asked.unwrap_or_else(doubling).min(LONGEST)
}

/// The wait a service asks for: by a header of its own, or until the time at which its limit is lifted.
pub(super) fn asked(retry_after: Option<&str>, reset: Option<&str>, now: SystemTime) -> Option<Duration> {
    let lifted = || {
        let at = UNIX_EPOCH.checked_add(seconds(reset?)?)?;
        Some(at.duration_since(now).unwrap_or_default())
    };
    retry_after
        .and_then(|text| seconds(text).or_else(|| until(text, now)))
        .or_else(lifted)
}

fn seconds(text: &str) -> Option<Duration> {
    text.trim().parse().ok().map(Duration::from_secs)
}

/// The time until an HTTP date (`Sun, 06 Nov 1994 08:49:37 GMT`); nothing once it has passed.
fn until(text: &str, now: SystemTime) -> Option<Duration> {
    let (_, date) = text.trim().split_once(", ")?;
    let parts: Vec<&str> = date.split(' ').collect();
    let [day, month, year, time, "GMT"] = parts[..] else { return None };
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let month = (1_u64..).zip(months).find(|(_, name)| *name == month)?.0;
    let (day, year): (u64, u64) = (day.parse().ok()?, year.parse().ok()?);
    let clock: Vec<u64> = time.split(':').map(|part| part.parse().ok()).collect::<Option<_>>()?;
    let [hour, minute, second] = clock[..] else { return None };
    if !(1970..=9999).contains(&year) || !(1..=31).contains(&day) || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let then = UNIX_EPOCH + Duration::from_secs(((days(year, month, day) * 24 + hour) * 60 + minute) * 60 + second);
    Some(then.duration_since(now).unwrap_or_default())
}

/// Days since 1 January 1970; years are counted from March, so that the leap day is the last.
fn days(year: u64, month: u64, day: u64) -> u64 {
    let year = if month > 2 { year } else { year - 1 };
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let of_years = year * 365 + year / 4 - year / 100 + year / 400;
    // 719468 days lie between 1 March of the year 0 and 1970.
    of_years + day_of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(seconds)
    }

    #[test]
    fn the_service_says_how_long() {
        assert_eq!(before_next(1, asked(Some("7"), None, at(0))), Duration::from_secs(7));
        assert_eq!(
            before_next(1, asked(Some("Sun, 06 Nov 1994 08:49:37 GMT"), None, at(784_111_777 - 5))),
            Duration::from_secs(5)
        );
        assert_eq!(
            before_next(1, asked(Some("Thu, 29 Feb 2024 00:00:01 GMT"), None, at(1_709_164_800))),
            Duration::from_secs(1)
        );
        assert_eq!(
            before_next(1, asked(Some("Sun, 06 Nov 1994 08:49:37 GMT"), None, at(1_700_000_000))),
            Duration::ZERO
        );
    }

    #[test]
    fn no_wait_is_too_long_and_each_is_longer_than_the_last() {
        assert_eq!(before_next(1, asked(Some("86400"), None, at(0))), LONGEST);
        assert_eq!(before_next(1, asked(Some("Fri, 31 Dec 9999 23:59:59 GMT"), None, at(0))), LONGEST);
        let waits: Vec<_> = (1..=6).map(|tries| before_next(tries, None)).collect();
        assert!(waits.is_sorted() && waits[0] >= Duration::from_millis(500), "{waits:?}");
        assert_eq!(before_next(u32::MAX, None), LONGEST);
    }

    #[test]
    fn nonsense_is_not_obeyed() {
        for text in [
            "",
            "soon",
            "-1",
            "Sun, 99 Nov 1994 08:49:37 GMT",
            "Sun, 06 Foo 1994 08:49:37 GMT",
            "Sun, 06 Nov 1 08:49:37 GMT",
            ", ",
        ] {
            assert_eq!(before_next(1, asked(Some(text), None, at(0))), before_next(1, None), "{text}");
        }
        assert_eq!(asked(None, Some("1700000030"), at(1_700_000_000)), Some(Duration::from_secs(30)));
        assert_eq!(asked(None, Some("never"), at(0)), None);
        assert!(may_pass(429) && !may_pass(500) && !may_pass(200));
    }
}
