//! `/metrics`: how it all fares, for Prometheus. Numbers come from the store, so that they outlive a restart. Not what is an alarm.

use std::fmt::Debug;
use std::time::Duration;

use prometheus_client::encoding::text::encode;
use prometheus_client::encoding::{EncodeLabelSet, EncodeMetric, MetricEncoder, NoLabelSet};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::{Registry, Unit};

use super::answer::{Answer, Content, Desk, Refusal};
use super::health::readiness;
use crate::store::attempt_times::AttemptTimes;
use crate::store::buckets::Buckets;
use crate::store::poll_times::PollTimes;
use crate::store::room::free_bytes;

/// What scrapers ask for.
const TEXT: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct PollLabels {
    source: String,
    outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct SourceLabels {
    source: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OutboxLabels {
    channel: String,
    state: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct BuildLabels {
    version: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct AttemptLabels {
    channel: String,
    outcome: &'static str,
}

/// How long something took that was counted elsewhere, with its labels: the library's own histograms can only be observed into.
#[derive(Debug)]
struct Histograms<L>(Vec<Counted<L>>);

/// One of them.
#[derive(Debug)]
struct Counted<L> {
    labels: L,
    buckets: Buckets,
    took: Duration,
}

impl<L: EncodeLabelSet + Debug + Send + Sync + 'static> EncodeMetric for Histograms<L> {
    fn encode(&self, mut encoder: MetricEncoder<'_>) -> Result<(), std::fmt::Error> {
        for counted in &self.0 {
            let bound = |bound: Option<Duration>| bound.map_or(f64::INFINITY, |bound| bound.as_secs_f64());
            let buckets: Vec<(f64, u64)> = counted.buckets.iter().map(|(up_to, n)| (bound(*up_to), *n)).collect();
            let n_counted = buckets.iter().map(|(_, n)| n).sum();
            let mut family = encoder.encode_family(&counted.labels)?;
            family.encode_histogram::<NoLabelSet>(counted.took.as_secs_f64(), n_counted, &buckets, None)?;
        }
        Ok(())
    }

    fn metric_type(&self) -> MetricType {
        MetricType::Histogram
    }
}

/// The numbers of now.
pub(super) fn page(desk: &Desk<'_>) -> Result<Answer, Refusal> {
    let mut registry = Registry::with_prefix("stagewatch");
    polls(desk, &mut registry)?;
    outbox(desk, &mut registry)?;
    let build = Family::<BuildLabels, Gauge>::default();
    build.get_or_create(&BuildLabels { version: env!("CARGO_PKG_VERSION") }).set(1);
    registry.register("build_info", "The version that runs", build);
    let ready: Gauge = Gauge::default();
    ready.set(i64::from(readiness(desk)?.ready));
    registry.register("ready", "Whether it is able to work, and polls and deliveries are moving", ready);
    let projects: Gauge = Gauge::default();
    projects.set(i64::try_from(desk.catalogue()?.entries.len()).unwrap_or(i64::MAX));
    registry.register("projects", "Projects that sources show", projects);
    if let Some(n_bytes) = desk.store.database().parent().and_then(|folder| free_bytes(folder).ok()) {
        let free: Gauge = Gauge::default();
        free.set(i64::try_from(n_bytes).unwrap_or(i64::MAX));
        registry.register("disk_free_bytes", "What may still be written to the disk of the database", free);
    }
    let mut text = String::new();
    encode(&mut text, &registry).map_err(|_| Refusal::Wrong)?;
    Ok(Content::of(TEXT, text).into())
}

fn polls(desk: &Desk<'_>, registry: &mut Registry) -> Result<(), Refusal> {
    let polls = Family::<PollLabels, Counter>::default();
    for (source, outcome, n_polls) in desk.store.poll_counts()? {
        polls.get_or_create(&PollLabels { source, outcome: outcome.as_str() }).inc_by(n_polls);
    }
    registry.register("polls", "Polls by how they ended", polls);
    let counted = |times: PollTimes| Counted {
        labels: SourceLabels { source: times.source },
        buckets: times.buckets,
        took: times.took,
    };
    let times = Histograms(desk.store.poll_times()?.into_iter().map(counted).collect());
    registry.register_with_unit("poll", "How long polls took", Unit::Seconds, times);
    let success = Family::<SourceLabels, Gauge>::default();
    let troubles = Family::<SourceLabels, Gauge>::default();
    for source in &desk.configured.sources {
        let state = desk.store.source_state(&source.id)?;
        let labels = SourceLabels { source: source.id.clone() };
        troubles.get_or_create(&labels).set(i64::from(state.n_troubles));
        if let Some(at) = state.last_accepted {
            success.get_or_create(&labels).set(at.as_second());
        }
    }
    let about = "When a poll of the source was last accepted";
    registry.register_with_unit("source_last_success_timestamp", about, Unit::Seconds, success);
    registry.register("source_troubles", "Polls in a row that brought nothing good", troubles);
    Ok(())
}

fn outbox(desk: &Desk<'_>, registry: &mut Registry) -> Result<(), Refusal> {
    let depth = Family::<OutboxLabels, Gauge>::default();
    for (channel, state, n_deliveries) in desk.store.outbox_depth()? {
        depth.get_or_create(&OutboxLabels { channel, state }).set(i64::try_from(n_deliveries).unwrap_or(i64::MAX));
    }
    registry.register("outbox_depth", "Deliveries that are not settled", depth);
    let counted = |times: AttemptTimes| Counted {
        labels: AttemptLabels { channel: times.channel, outcome: times.outcome.as_str() },
        buckets: times.buckets,
        took: times.took,
    };
    let times = Histograms(desk.store.attempt_times()?.into_iter().map(counted).collect());
    registry.register_with_unit("delivery", "How long attempts to deliver took", Unit::Seconds, times);
    let alarms: Gauge = Gauge::default();
    alarms.set(i64::try_from(desk.store.alarms()?.len()).unwrap_or(i64::MAX));
    registry.register("alarms", "What the operator was told of and is not over", alarms);
    Ok(())
}
