//! Kinds of events that an administrator looks for, each under an id that never changes: `journalctl MESSAGE_ID=…` finds all of a
//! kind, and `journalctl -x` explains it by deploy/stagewatch.catalog. Each is the target of its events. Not when they happen: that is for
//! who logs them.

/// A configuration is in force, at the start or after a reload.
pub const CONFIGURATION: &str = "stagewatch::event::configuration";
/// A new configuration was refused; the old one stays in force.
pub const CONFIGURATION_REFUSED: &str = "stagewatch::event::configuration-refused";
/// A source was polled and believed.
pub const POLL: &str = "stagewatch::event::poll";
/// A source was polled, and what came was not believed.
pub const POLL_DOUBTED: &str = "stagewatch::event::poll-doubted";
/// A source could not be polled.
pub const POLL_FAILED: &str = "stagewatch::event::poll-failed";
/// A line of a page could not be read.
pub const DEFECT: &str = "stagewatch::event::defect";
/// A source has given nothing good for several polls.
pub const SOURCE_IN_TROUBLE: &str = "stagewatch::event::source-in-trouble";
/// It is back.
pub const SOURCE_RECOVERED: &str = "stagewatch::event::source-recovered";
/// A standard changed.
pub const CHANGE: &str = "stagewatch::event::change";
/// A delivery was taken by the other side.
pub const DELIVERED: &str = "stagewatch::event::delivered";
/// A delivery failed and is tried again.
pub const DELIVERY_POSTPONED: &str = "stagewatch::event::delivery-postponed";
/// A delivery waits until somebody lets it go.
pub const DELIVERY_HELD: &str = "stagewatch::event::delivery-held";
/// A delivery was given up.
pub const DELIVERY_GIVEN_UP: &str = "stagewatch::event::delivery-given-up";

/// Every kind with its `MESSAGE_ID`.
pub const EVENTS: [(&str, &str); 13] = [
    (CONFIGURATION, "b8f2c7d9e0344b1c9a67f3d21c5e8a01"),
    (CONFIGURATION_REFUSED, "3d9e51a7c6f84f0eb2a4906d7e1c3b52"),
    (POLL, "7c40e6b15d2a4f37a8c90f4e62d1b783"),
    (POLL_DOUBTED, "e15a9c3f70b84d26913c5f8ad7264e0b"),
    (POLL_FAILED, "29f7d084c1e64ab5b3d86e90f5a217c4"),
    (DEFECT, "a64c03e8f95b47d18e27b1c0d4936f5a"),
    (SOURCE_IN_TROUBLE, "5b81f2d6a7934ce0bf045d9e3ca6718e"),
    (SOURCE_RECOVERED, "c93e6a0d18f54b72a5d1e7f40b8236dc"),
    (CHANGE, "0f6d4b92e7a3418c85be29c7d3f1506a"),
    (DELIVERED, "d270b5f8c4e94616932ae8b05fd17c3e"),
    (DELIVERY_POSTPONED, "816ce4a97d0f42b5ae3972d6c1f50b84"),
    (DELIVERY_HELD, "6e3f90c2ab584d17a91be46c05d8f237"),
    (DELIVERY_GIVEN_UP, "f4a85e1c3b6d470d97c2083be59f61a7"),
];

/// The `MESSAGE_ID` of an event with this target, where it is of a kind.
pub fn message_id_of(target: &str) -> Option<&'static str> {
    EVENTS.iter().find(|(known, _)| *known == target).map(|(_, id)| *id)
}
