//! The way of a project: what usually comes next, how far along it is, and where it would be at the other body. Statements
//! about the ordinary, for readers; what a move means is decided in `changes`.

use super::{GbStage, HarmonizedCode, Scheme, Stage, StageCode, Substage};

/// The main stages of ISO, each by the code that a project enters it with; the last one is publication itself.
const ISO_TRACK: [StageCode; 7] = [
    iso(Stage::Preliminary, Substage::Registration),
    iso(Stage::Proposal, Substage::Registration),
    iso(Stage::Preparatory, Substage::Registration),
    iso(Stage::Committee, Substage::Registration),
    iso(Stage::Enquiry, Substage::Registration),
    iso(Stage::Approval, Substage::Registration),
    iso(Stage::Publication, Substage::Completion),
];

/// The main stages of GB/T 16733 up to publication.
const GB_TRACK: [StageCode; 7] = [
    StageCode::Gb(GbStage::Preliminary),
    StageCode::Gb(GbStage::Proposal),
    StageCode::Gb(GbStage::Drafting),
    StageCode::Gb(GbStage::PublicConsultation),
    StageCode::Gb(GbStage::Review),
    StageCode::Gb(GbStage::Approval),
    StageCode::Gb(GbStage::Published),
];

impl StageCode {
    /// The main stages from first idea to publication, to draw where a project stands.
    pub fn track(scheme: Scheme) -> &'static [StageCode] {
        match scheme {
            Scheme::Iso => &ISO_TRACK,
            Scheme::Gb => &GB_TRACK,
        }
    }

    /// Which step of [`StageCode::track`] the code belongs to; the last one for anything after publication, the step where it
    /// was given up for a cancelled project, `None` for 终止, which names no step.
    pub fn track_position(self) -> Option<usize> {
        match self {
            StageCode::Iso(code) => Some(match code.stage() {
                Stage::Preliminary => 0,
                Stage::Proposal => 1,
                Stage::Preparatory => 2,
                Stage::Committee => 3,
                Stage::Enquiry => 4,
                Stage::Approval => 5,
                Stage::Publication | Stage::Review | Stage::Withdrawal => 6,
            }),
            StageCode::Gb(stage) => match stage {
                GbStage::Preliminary => Some(0),
                GbStage::Proposal => Some(1),
                GbStage::Drafting => Some(2),
                GbStage::PublicConsultation => Some(3),
                GbStage::Review => Some(4),
                GbStage::Approval => Some(5),
                GbStage::Published | GbStage::PeriodicReview | GbStage::Withdrawn => Some(6),
                GbStage::Terminated => None,
            },
        }
    }

    /// The nearest code of the other scheme, as a gloss for readers; never stored, never compared. `None` where the other
    /// scheme would need to know more: 终止 happens at any stage.
    ///
    /// The numbers of GB/T 16733 were modelled on those of ISO, but what happens under them was not: the public comment is
    /// GB 30 and ISO 40, so the gloss goes by substance.
    pub fn gloss(self) -> Option<StageCode> {
        match self {
            StageCode::Iso(code) => Some(StageCode::Gb(gb_gloss(code))),
            StageCode::Gb(stage) => iso_gloss(stage),
        }
    }

    /// The codes that ordinarily follow, nearest first; none after an end, and never an abandonment. Loops back are not
    /// ordinary and therefore not here, though they happen.
    pub fn next(self) -> Vec<StageCode> {
        let following = match self {
            StageCode::Gb(stage) => return gb_next(stage).map(StageCode::Gb).into_iter().collect(),
            StageCode::Iso(code) => match code.substage() {
                Substage::Registration => after_registration(code.stage()),
                Substage::Start => after_start(code.stage()),
                Substage::Completion => after_completion(code.stage()),
                Substage::RepeatEarlier => after_referral(code.stage()),
                Substage::RepeatCurrent => after_repetition(code.stage()),
                Substage::Abandon => &[],
                Substage::Proceed => after_decision(code.stage()),
            },
        };
        following
            .iter()
            .filter_map(|&(stage, substage)| HarmonizedCode::new(stage, substage))
            .map(StageCode::Iso)
            .collect()
    }
}

type Pairs = &'static [(Stage, Substage)];

fn after_registration(stage: Stage) -> Pairs {
    match stage {
        Stage::Preliminary => &[(Stage::Preliminary, Substage::Start)],
        Stage::Proposal => &[(Stage::Proposal, Substage::Start)],
        // Many working groups register no working draft: the next thing seen is the CD.
        Stage::Preparatory => &[
            (Stage::Preparatory, Substage::Start),
            (Stage::Committee, Substage::Registration),
            (Stage::Committee, Substage::Start),
        ],
        Stage::Committee => &[(Stage::Committee, Substage::Start)],
        Stage::Enquiry => &[(Stage::Enquiry, Substage::Start)],
        Stage::Approval => &[(Stage::Approval, Substage::Start)],
        Stage::Publication => &[(Stage::Publication, Substage::Completion)],
        Stage::Review | Stage::Withdrawal => &[],
    }
}

fn after_start(stage: Stage) -> Pairs {
    match stage {
        Stage::Preliminary => &[(Stage::Preliminary, Substage::Completion)],
        Stage::Proposal => &[(Stage::Proposal, Substage::Completion)],
        Stage::Preparatory => &[(Stage::Preparatory, Substage::Completion)],
        Stage::Committee => &[(Stage::Committee, Substage::Completion)],
        Stage::Enquiry => &[(Stage::Enquiry, Substage::Completion)],
        // A proof goes straight into print; only a ballot has a close.
        Stage::Approval => &[(Stage::Approval, Substage::Completion), (Stage::Publication, Substage::Registration)],
        Stage::Publication => &[],
        Stage::Review => &[(Stage::Review, Substage::Completion)],
        Stage::Withdrawal => &[(Stage::Withdrawal, Substage::Completion)],
    }
}

fn after_completion(stage: Stage) -> Pairs {
    match stage {
        Stage::Preliminary => &[(Stage::Preliminary, Substage::Proceed)],
        Stage::Proposal => &[(Stage::Proposal, Substage::Proceed)],
        Stage::Preparatory => &[(Stage::Preparatory, Substage::Proceed), (Stage::Committee, Substage::Registration)],
        Stage::Committee => &[(Stage::Committee, Substage::Proceed), (Stage::Enquiry, Substage::Registration)],
        Stage::Enquiry => &[(Stage::Enquiry, Substage::Proceed), (Stage::Approval, Substage::Registration)],
        Stage::Approval => &[(Stage::Approval, Substage::Proceed), (Stage::Publication, Substage::Registration)],
        Stage::Publication => &[(Stage::Review, Substage::Start)],
        Stage::Review => &[
            (Stage::Review, Substage::RepeatCurrent),
            (Stage::Review, Substage::RepeatEarlier),
            (Stage::Review, Substage::Proceed),
        ],
        Stage::Withdrawal => &[(Stage::Withdrawal, Substage::Proceed), (Stage::Withdrawal, Substage::RepeatEarlier)],
    }
}

fn after_referral(stage: Stage) -> Pairs {
    match stage {
        Stage::Proposal => &[(Stage::Proposal, Substage::Registration)],
        Stage::Committee => &[(Stage::Committee, Substage::Registration)],
        Stage::Enquiry => &[(Stage::Enquiry, Substage::Registration)],
        Stage::Approval => &[(Stage::Approval, Substage::Registration)],
        // The revision is a project of its own; when it is published, this edition is withdrawn.
        Stage::Review => &[(Stage::Withdrawal, Substage::Proceed)],
        Stage::Withdrawal => &[(Stage::Review, Substage::RepeatCurrent)],
        Stage::Preliminary | Stage::Preparatory | Stage::Publication => &[],
    }
}

fn after_repetition(stage: Stage) -> Pairs {
    match stage {
        Stage::Enquiry => &[(Stage::Enquiry, Substage::Registration), (Stage::Enquiry, Substage::Start)],
        Stage::Review => &[(Stage::Review, Substage::Start)],
        Stage::Preliminary
        | Stage::Proposal
        | Stage::Preparatory
        | Stage::Committee
        | Stage::Approval
        | Stage::Publication
        | Stage::Withdrawal => &[],
    }
}

fn after_decision(stage: Stage) -> Pairs {
    match stage {
        Stage::Preliminary => &[(Stage::Proposal, Substage::Registration)],
        Stage::Proposal => &[(Stage::Preparatory, Substage::Registration)],
        Stage::Preparatory => &[(Stage::Committee, Substage::Registration)],
        // Technical Specifications and Reports have no enquiry.
        Stage::Committee => &[(Stage::Enquiry, Substage::Registration), (Stage::Approval, Substage::Registration)],
        // An enquiry without technical comments needs no final ballot.
        Stage::Enquiry => &[(Stage::Approval, Substage::Registration), (Stage::Publication, Substage::Registration)],
        Stage::Approval => &[(Stage::Publication, Substage::Registration)],
        Stage::Review => &[(Stage::Withdrawal, Substage::Start)],
        Stage::Publication | Stage::Withdrawal => &[],
    }
}

fn gb_next(stage: GbStage) -> Option<GbStage> {
    match stage {
        GbStage::Preliminary => Some(GbStage::Proposal),
        GbStage::Proposal => Some(GbStage::Drafting),
        GbStage::Drafting => Some(GbStage::PublicConsultation),
        GbStage::PublicConsultation => Some(GbStage::Review),
        GbStage::Review => Some(GbStage::Approval),
        GbStage::Approval => Some(GbStage::Published),
        GbStage::Published => Some(GbStage::PeriodicReview),
        GbStage::PeriodicReview => Some(GbStage::Withdrawn),
        GbStage::Withdrawn | GbStage::Terminated => None,
    }
}

fn iso_gloss(stage: GbStage) -> Option<StageCode> {
    let (stage, substage) = match stage {
        GbStage::Preliminary => (Stage::Preliminary, Substage::Registration),
        // Not 10.99, though a plan that was issued is an approved project: the public notice before it is GB 10 too.
        GbStage::Proposal => (Stage::Proposal, Substage::Registration),
        GbStage::Drafting => (Stage::Preparatory, Substage::Registration),
        GbStage::PublicConsultation => (Stage::Enquiry, Substage::Start),
        GbStage::Review => (Stage::Enquiry, Substage::Completion),
        GbStage::Approval => (Stage::Approval, Substage::Registration),
        GbStage::Published => (Stage::Publication, Substage::Completion),
        GbStage::PeriodicReview => (Stage::Review, Substage::Start),
        GbStage::Withdrawn => (Stage::Withdrawal, Substage::Proceed),
        GbStage::Terminated => return None,
    };
    HarmonizedCode::new(stage, substage).map(StageCode::Iso)
}

fn gb_gloss(code: HarmonizedCode) -> GbStage {
    match (code.stage(), code.substage()) {
        (_, Substage::Abandon) => GbStage::Terminated,
        (Stage::Preliminary, _) => GbStage::Preliminary,
        (Stage::Proposal, _) => GbStage::Proposal,
        // The committee's own consultation has no counterpart: in China it is part of drafting.
        (Stage::Preparatory | Stage::Committee, _) => GbStage::Drafting,
        (Stage::Enquiry, Substage::Registration | Substage::Start | Substage::RepeatCurrent) => {
            GbStage::PublicConsultation
        }
        (Stage::Enquiry, _) => GbStage::Review,
        // GB 60 is a standard that everyone can read: a text in print is not there yet.
        (Stage::Approval, _) | (Stage::Publication, Substage::Registration) => GbStage::Approval,
        (Stage::Publication, _) => GbStage::Published,
        (Stage::Withdrawal, Substage::Proceed) => GbStage::Withdrawn,
        (Stage::Review | Stage::Withdrawal, _) => GbStage::PeriodicReview,
    }
}

/// Only for the track, whose test holds that the matrix has the pairs.
const fn iso(stage: Stage, substage: Substage) -> StageCode {
    StageCode::Iso(HarmonizedCode { stage, substage })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(scheme: Scheme) -> Vec<StageCode> {
        StageCode::all(scheme)
    }

    fn next(scheme: Scheme, code: &str) -> String {
        let following = StageCode::parse(scheme, code).unwrap().next();
        following.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn what_follows_is_what_projects_were_seen_to_do() {
        assert_eq!(next(Scheme::Iso, "20.00"), "20.20 30.00 30.20");
        assert_eq!(next(Scheme::Iso, "30.60"), "30.99 40.00");
        assert_eq!(next(Scheme::Iso, "30.99"), "40.00 50.00");
        assert_eq!(next(Scheme::Iso, "40.60"), "40.99 50.00");
        assert_eq!(next(Scheme::Iso, "40.93"), "40.00 40.20");
        assert_eq!(next(Scheme::Iso, "50.00"), "50.20");
        assert_eq!(next(Scheme::Iso, "50.20"), "50.60 60.00");
        assert_eq!(next(Scheme::Iso, "60.60"), "90.20");
        assert_eq!(next(Scheme::Iso, "90.60"), "90.93 90.92 90.99");
        assert_eq!(next(Scheme::Gb, "20"), "30");
        assert_eq!(next(Scheme::Gb, "60"), "90");
    }

    #[test]
    fn only_ends_are_followed_by_nothing() {
        let ends: Vec<String> = [Scheme::Iso, Scheme::Gb]
            .into_iter()
            .flat_map(codes)
            .filter(|code| code.next().is_empty())
            .map(|code| code.to_string())
            .collect();
        assert_eq!(ends, ["00.98", "10.98", "20.98", "30.98", "40.98", "50.98", "95.99", "95", "terminated"]);
    }

    #[test]
    fn the_nearest_next_leads_every_live_project_to_publication_or_beyond() {
        for code in [Scheme::Iso, Scheme::Gb].into_iter().flat_map(codes).filter(|code| !code.is_cancelled()) {
            let way = std::iter::successors(Some(code), |code| code.next().first().copied()).take(40);
            let last = StageCode::track(code.scheme()).len() - 1;
            assert!(way.into_iter().any(|code| code.track_position() == Some(last)), "{code}");
        }
    }

    #[test]
    fn nothing_ordinarily_leads_to_an_abandonment_or_into_the_other_scheme() {
        for code in [Scheme::Iso, Scheme::Gb].into_iter().flat_map(codes) {
            for following in code.next() {
                assert!(!following.is_cancelled() && following.scheme() == code.scheme(), "{code} → {following}");
            }
        }
    }

    #[test]
    fn the_track_rises_and_every_step_knows_its_place() {
        for scheme in [Scheme::Iso, Scheme::Gb] {
            let track = StageCode::track(scheme);
            assert!(track.windows(2).all(|pair| pair[0] < pair[1]));
            for (position, code) in track.iter().enumerate() {
                assert_eq!(code.track_position(), Some(position));
                assert!(codes(scheme).contains(code), "{code}");
            }
        }
    }

    #[test]
    fn a_gloss_goes_by_substance_not_by_number() {
        let gloss = |scheme, code| StageCode::parse(scheme, code).unwrap().gloss().map(|gloss| gloss.to_string());
        assert_eq!(gloss(Scheme::Gb, "30").as_deref(), Some("40.20"));
        assert_eq!(gloss(Scheme::Gb, "40").as_deref(), Some("40.60"));
        assert_eq!(gloss(Scheme::Gb, "60").as_deref(), Some("60.60"));
        assert_eq!(gloss(Scheme::Gb, "terminated"), None);
        assert_eq!(gloss(Scheme::Iso, "30.20").as_deref(), Some("20"));
        assert_eq!(gloss(Scheme::Iso, "40.20").as_deref(), Some("30"));
        assert_eq!(gloss(Scheme::Iso, "60.00").as_deref(), Some("50"));
        assert_eq!(gloss(Scheme::Iso, "40.98").as_deref(), Some("terminated"));
    }

    #[test]
    fn a_gloss_of_a_gloss_comes_back_to_the_stage_it_glosses() {
        for code in codes(Scheme::Gb) {
            if let Some(gloss) = code.gloss() {
                assert_ne!(gloss.scheme(), code.scheme());
                assert_eq!(gloss.gloss(), Some(code));
            }
        }
    }
}
