//! Schedules: a line that is taken has a next moment, always a later one, wherever the clock stands.
#![no_main]

use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone};
use libfuzzer_sys::fuzz_target;
use stagewatch::timing::Schedule;
use stagewatch_fuzz::{choice_and_rest, text_of};

fuzz_target!(|bytes: &[u8]| {
    let (choice, line) = choice_and_rest(bytes);
    let zone = TimeZone::fixed(Offset::constant(i8::try_from(choice % 25).unwrap_or_default() - 12));
    let Ok(schedule) = Schedule::parse(&text_of(line), zone) else { return };
    // Leap days come up to eight years apart, and the calendar behind this ends with the year 2100.
    let mut moment = Timestamp::from_second(1_900_000_000 + i64::from(choice) * 777_777).unwrap_or_default();
    for _ in 0..5 {
        let next = schedule.next_after(moment);
        assert!(next > moment, "`{}` does not come after {moment}", schedule.line());
        moment = next;
    }
});
