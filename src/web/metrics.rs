//! `/metrics`: how it all fares, for Prometheus. Numbers come from the store, so that they outlive a restart. Not what is an alarm.

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

/// Histograms that were counted elsewhere: the library's own can only be observed into.
#[derive(Debug)]
struct Histograms(Vec<AttemptTimes>);

impl EncodeMetric for Histograms {
    fn encode(&self, mut encoder: MetricEncoder<'_>) -> Result<(), std::fmt::Error> {
        for times in &self.0 {
            let labels = AttemptLabels { channel: times.channel.clone(), outcome: times.outcome.as_str() };
            let bound = |bound: Option<Duration>| bound.map_or(f64::INFINITY, |bound| bound.as_secs_f64());
            let buckets: Vec<(f64, u64)> = times.buckets.iter().map(|(up_to, n)| (bound(*up_to), *n)).collect();
            let n_attempts = buckets.iter().map(|(_, n)| n).sum();
            let mut family = encoder.encode_family(&labels)?;
            family.encode_histogram::<NoLabelSet>(times.took.as_secs_f64(), n_attempts, &buckets, None)?;
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
    registry.register("ready", "Whether polls and deliveries are moving", ready);
    let projects: Gauge = Gauge::default();
    projects.set(i64::try_from(desk.catalogue()?.entries.len()).unwrap_or(i64::MAX));
    registry.register("projects", "Projects that sources show", projects);
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
    let times = Histograms(desk.store.attempt_times()?);
    registry.register_with_unit("delivery", "How long attempts to deliver took", Unit::Seconds, times);
    let alarms: Gauge = Gauge::default();
    alarms.set(i64::try_from(desk.store.alarms()?.len()).unwrap_or(i64::MAX));
    registry.register("alarms", "What the operator was told of and is not over", alarms);
    Ok(())
}
