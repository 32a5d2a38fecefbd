//! Saves a device with one version of itself and loads it with another, and says what became of it.
//!
//!     cargo run --offline

use device::{load, save, v1, v2};
use migstream::{code, Config, Error, Instant, Level, Subsection};

/// Shows what a load came to, and whether that was expected.
fn show<T: std::fmt::Debug>(what: &str, uart: &T, result: Result<(), Error>, expected: Option<i32>) {
    println!("{what}");
    match &result {
        Ok(()) => println!("  {uart:?}"),
        Err(error) => println!("  refused: {error}"),
    }
    assert_eq!(result.err().map(|error| error.code()), expected);
}

fn main() -> Result<(), Error> {
    let config = Config::default().log(|level, _, text| {
        if level == Level::Skipped {
            println!("  stepped over: {text}");
        }
    });
    println!("libmigstream {}", migstream::version());

    let mut old = v1::Uart { divisor: 12, line_control: 3, received: migstream::Counted::new(b"ok") };
    let mut newer = v2::Uart { divisor: 9, ..v2::Uart::default() };
    let stream = save(&mut old, &config)?;
    let result = load(&mut newer, &stream, &config);
    show("A newer device reads an older stream", &newer, result, None);
    assert_eq!((newer.divisor, newer.trigger, &newer.received[..]), (12, 14, &b"ok"[..]));

    newer = v2::Uart { divisor: 1, trigger: 8, ..newer };
    newer.overruns = Subsection::new(Some(v2::Overruns { count: 5 }));
    let stream = save(&mut newer, &config)?;
    let result = load(&mut old, &stream, &config);
    show("An older one steps over a subsection that may be skipped", &old, result, None);
    assert_eq!(old.divisor, 1);

    newer.timeout = Subsection::new(Some(v2::Timeout { due: Instant(1000) }));
    let stream = save(&mut newer, &config)?;
    let before = old;
    let result = load(&mut old, &stream, &config);
    show("It refuses one that is required, and is as before", &old, result, Some(code::UNKNOWN_REQUIRED));
    assert_eq!(old, before);

    let mut other = v2::Uart::default();
    let result = load(&mut other, &stream, &config);
    show("A newer device takes all of it", &other, result, None);
    assert_eq!(other, newer);

    newer.divisor = 0;
    let stream = save(&mut newer, &config)?;
    let result = load(&mut other, &stream, &config);
    show("No version takes a divisor of 0", &other, result, Some(code::VALUE_OUT_OF_RANGE));
    Ok(())
}
