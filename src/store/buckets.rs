//! Durations counted by how long they were, for histograms: buckets with bounds, and a last one for everything longer. Not what took so long.

use std::time::Duration;

use super::row::Value;

/// How many took longer than the bucket before and no longer than this; `None` is however long.
pub type Buckets = Vec<(Option<Duration>, u64)>;

/// The longest that each bucket takes, rising; after them comes the one for everything.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds(pub(super) &'static [Duration]);

impl Bounds {
    /// Every bucket, with nothing in it.
    pub(super) fn empty(self) -> Buckets {
        self.0.iter().copied().map(Some).chain([None]).map(|bound| (bound, 0)).collect()
    }

    /// The bucket that takes what took so long.
    pub(super) fn position(self, took: Duration) -> usize {
        self.0.partition_point(|bound| *bound < took)
    }

    /// The bound under which that is stored.
    pub(super) fn up_to(self, took: Duration) -> Value {
        self.0.get(self.position(took)).map_or(Value::Integer(i64::MAX), |bound| (*bound).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_takes_what_took_as_long_as_its_bound_and_the_last_takes_everything() {
        const BOUNDS: Bounds =
            Bounds(&[Duration::from_millis(100), Duration::from_millis(250), Duration::from_mins(2)]);
        let bound = |took| BOUNDS.empty()[BOUNDS.position(took)].0;
        assert_eq!(bound(Duration::ZERO), Some(Duration::from_millis(100)));
        assert_eq!(bound(Duration::from_millis(100)), Some(Duration::from_millis(100)));
        assert_eq!(bound(Duration::from_micros(100_001)), Some(Duration::from_millis(250)));
        assert_eq!(bound(Duration::from_mins(2)), Some(Duration::from_mins(2)));
        assert_eq!(bound(Duration::from_mins(3)), None);
        assert_eq!(bound(Duration::MAX), None);
    }
}
