//! A monotonic clock, and waiting, in the browser.

use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

/// Milliseconds on a monotonic clock (`performance.now()`).
pub fn now_ms() -> f64 {
    web_sys::window()
        .and_then(|window| window.performance())
        .map_or(0.0, |clock| clock.now())
}

/// Milliseconds on a clock that never goes back and also counts the time in which the device has slept. `performance.now()` stands still
/// then in some browsers, so a jump of the wall clock counts as time that has passed.
pub fn elapsed_ms() -> f64 {
    thread_local! {
        static LAST: std::cell::Cell<Option<ClockReading>> = const { std::cell::Cell::new(None) };
    }
    let now = ClockReading {
        elapsed: 0.0,
        monotonic: now_ms(),
        wall: js_sys::Date::now(),
    };
    LAST.with(|last| {
        let now = last.get().map_or(now, |last| last.advanced_to(now));
        last.set(Some(now));
        now.elapsed
    })
}

/// One reading of the clocks, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq)]
struct ClockReading {
    elapsed: f64,
    monotonic: f64,
    wall: f64,
}

impl ClockReading {
    /// Smaller differences between the two clocks come from adjustments of the wall clock.
    const SLEPT_MS: f64 = 1_000.0;

    fn advanced_to(self, now: Self) -> Self {
        let (awake, wall) = ((now.monotonic - self.monotonic).max(0.0), now.wall - self.wall);
        let passed = if wall > awake + Self::SLEPT_MS { wall } else { awake };
        Self {
            elapsed: self.elapsed + passed,
            ..now
        }
    }
}

/// Waits for `ms` milliseconds.
pub async fn sleep_ms(ms: u32) {
    let promise = js_sys::Promise::new(&mut |resolve, _| {
        if let Some(window) = web_sys::window() {
            let _ = window.set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, ms as i32);
        }
    });
    let _: Result<JsValue, JsValue> = JsFuture::from(promise).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sleep_counts_and_a_wall_clock_that_goes_back_does_not() {
        let reading = |monotonic, wall| ClockReading {
            elapsed: 0.0,
            monotonic,
            wall,
        };
        let clock = reading(100.0, 5_000.0).advanced_to(reading(350.0, 5_300.0));
        assert_eq!(clock.elapsed, 250.0);
        let clock = clock.advanced_to(reading(360.0, 65_300.0));
        assert_eq!(clock.elapsed, 60_250.0, "the device slept for a minute");
        assert_eq!(clock.advanced_to(reading(460.0, 0.0)).elapsed, 60_350.0);
    }
}
