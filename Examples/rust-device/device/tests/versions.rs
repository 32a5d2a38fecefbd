//! What damaged and foreign streams come to.

use device::{load, save, v1, v2};
use migstream::{code, Class, Config, Instant, Subsection};
use std::sync::{Arc, Mutex};

fn uart() -> v2::Uart {
    let mut uart = v2::Uart { divisor: 3, trigger: 8, ..v2::Uart::default() };
    uart.overruns = Subsection::new(Some(v2::Overruns { count: 5 }));
    uart
}

#[test]
fn damage_is_refused_where_it_is_and_changes_nothing() {
    let config = Config::default();
    let stream = save(&mut uart(), &config).unwrap();
    for position in 0..stream.len() {
        let mut damaged = stream.clone();
        damaged[position] ^= 0x40;
        let mut target = v2::Uart::default();
        let error = load(&mut target, &damaged, &config).unwrap_err();
        assert!(error.offset() <= stream.len() as u64, "{position}: {error}");
        assert_eq!(error.class(), Class::FatalSession, "{position}: {error}");
        assert!(error.to_string().contains(error.name()), "{error}");
        assert_eq!(target, v2::Uart::default());
    }
    for length in 0..stream.len() {
        let mut target = v2::Uart::default();
        let error = load(&mut target, &stream[..length], &config).unwrap_err();
        assert_eq!(error.code(), code::TRUNCATED, "{length}: {error}");
        assert_eq!(target, v2::Uart::default());
    }
}

#[test]
fn what_is_stepped_over_is_told() {
    let lines = Arc::new(Mutex::new(Vec::new()));
    let kept = lines.clone();
    let config = Config::default().log(move |level, what, text| {
        if level == migstream::Level::Skipped {
            kept.lock().unwrap().push((what.device(), text.to_owned()));
        }
    });
    let stream = save(&mut uart(), &config).unwrap();
    load(&mut v1::Uart::default(), &stream, &config).unwrap();
    let lines = lines.lock().unwrap();
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert_eq!(lines[0].0, Some(0));
    assert!(lines[0].1.ends_with(": overruns"), "{lines:?}");
}

#[test]
fn a_log_that_panics_stops_nothing() {
    let config = Config::default().log(|_, _, _| panic!("a log that panics"));
    let stream = save(&mut uart(), &config).unwrap();
    load(&mut v1::Uart::default(), &stream, &config).unwrap();
}

#[test]
fn required_is_refused() {
    let mut sent = uart();
    sent.timeout = Subsection::new(Some(v2::Timeout { due: Instant(1) }));
    let stream = save(&mut sent, &Config::default()).unwrap();
    let error = load(&mut v1::Uart::default(), &stream, &Config::default()).unwrap_err();
    assert_eq!((error.code(), error.stage()), (code::UNKNOWN_REQUIRED, "rules"));
    assert!(error.offset() > 0 && error.record().is_some());
    let mut same = v2::Uart::default();
    load(&mut same, &stream, &Config::default()).unwrap();
    assert_eq!(same, sent);
}

#[test]
fn limits_are_taken() {
    let stream = save(&mut uart(), &Config::default()).unwrap();
    let config = Config::default().limits(|limits| limits.record_body_bytes_max = 64);
    let error = load(&mut uart(), &stream, &config).unwrap_err();
    assert_eq!(error.code(), code::LIMIT_EXCEEDED);
}
