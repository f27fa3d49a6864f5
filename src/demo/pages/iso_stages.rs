//! The harmonized stages as the pages of iso.org word them, and the ordinary course through them. What a stage means to a reader of
//! alerts is in [`crate::standards::stage`]; this is print.

/// The rows of the life cycle: number and name.
pub(super) const GROUPS: [(&str, &str); 9] = [
    ("00", "Preliminary"),
    ("10", "Proposal"),
    ("20", "Preparatory"),
    ("30", "Committee"),
    ("40", "Enquiry"),
    ("50", "Approval"),
    ("60", "Publication"),
    ("90", "Review"),
    ("95", "Withdrawal"),
];

/// The stages that a project passes through when nothing goes wrong, with the names of 2024.
const COURSE: [(&str, &str); 28] = [
    ("00.00", "Proposal for new project received"),
    ("00.20", "Proposal for new project under review"),
    ("00.60", "Close of review"),
    ("00.99", "Approval to ballot proposal for new project"),
    ("10.00", "Proposal for new project registered"),
    ("10.20", "New project ballot initiated"),
    ("10.60", "Close of voting"),
    ("10.99", "New project approved"),
    ("20.00", "New project registered in TC/SC work programme"),
    ("20.20", "Working draft (WD) study initiated"),
    ("20.60", "Close of comment period"),
    ("20.99", "WD approved for registration as CD"),
    ("30.00", "Committee draft (CD) registered"),
    ("30.20", "CD consultation initiated"),
    ("30.60", "Close of comment period"),
    ("30.99", "CD approved for registration as DIS"),
    ("40.00", "DIS registered"),
    ("40.20", "DIS ballot initiated: 12 weeks"),
    ("40.60", "Close of voting"),
    ("40.99", "Full report circulated: DIS approved for registration as FDIS"),
    ("50.00", "Final text received or FDIS registered for formal approval"),
    ("50.20", "Proof sent to secretariat or FDIS ballot initiated: 8 weeks"),
    ("50.60", "Close of voting. Proof returned by secretariat"),
    ("50.99", "FDIS or proof approved for publication"),
    ("60.00", "International Standard under publication"),
    ("60.60", "International Standard published"),
    ("90.20", "International Standard under systematic review"),
    ("90.60", "Close of review"),
];

/// The stages beside the course.
const ASIDE: [(&str, &str); 22] = [
    ("00.98", "Proposal for new project abandoned"),
    ("10.92", "Proposal returned to submitter for further definition"),
    ("10.98", "New project rejected"),
    ("20.98", "Project deleted"),
    ("30.92", "CD referred back to Working Group"),
    ("30.98", "Project cancelled"),
    ("40.92", "Full report circulated: DIS referred back to TC or SC"),
    ("40.93", "Full report circulated: decision for new DIS ballot"),
    ("40.98", "Project cancelled"),
    ("50.92", "FDIS or proof referred back to TC or SC"),
    ("50.98", "Project cancelled"),
    ("90.92", "International Standard to be revised"),
    ("90.93", "International Standard confirmed"),
    ("90.99", "Withdrawal of International Standard proposed by TC or SC"),
    ("95.20", "Withdrawal ballot initiated"),
    ("95.60", "Close of voting"),
    ("95.92", "Decision not to withdraw International Standard"),
    ("95.99", "Withdrawal of International Standard"),
    // The names that pages of 2021 had; see `name_of_2021`.
    ("30.20/2021", "CD study/ballot initiated"),
    ("30.60/2021", "Close of voting/ comment period"),
    ("90.20/2021", "International Standard under periodical review"),
    ("40.98/2021", "Project deleted"),
];

/// The name of a stage today; empty for a code that there is none of.
pub(super) fn name_of(code: &str) -> &'static str {
    COURSE.iter().chain(&ASIDE).find(|(its_code, _)| *its_code == code).map_or("", |(_, name)| name)
}

/// The name of a stage as pages of 2021 had it: a few were worded otherwise.
pub(super) fn name_of_2021(code: &str) -> &'static str {
    match name_of(&format!("{code}/2021")) {
        "" => name_of(code),
        older => older,
    }
}

/// The stages of the ordinary course that are still ahead, which pages list without a date: up to publication for a project, the
/// next review for a standard, none for one that was given up.
pub(super) fn ahead_of(code: &str) -> impl Iterator<Item = &'static str> {
    let ends_at = match code {
        _ if code.ends_with(".98") || code >= "95" => "",
        _ if code < "60.60" => "60.60",
        _ => "90.60",
    };
    COURSE.iter().map(|(its_code, _)| *its_code).filter(move |ahead| code < *ahead && *ahead <= ends_at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_project_sees_publication_ahead_and_a_dead_one_nothing() {
        assert_eq!(ahead_of("50.20").collect::<Vec<_>>(), ["50.60", "50.99", "60.00", "60.60"]);
        assert_eq!(ahead_of("60.60").collect::<Vec<_>>(), ["90.20", "90.60"]);
        assert_eq!(ahead_of("40.98").count() + ahead_of("95.99").count(), 0);
    }

    #[test]
    fn pages_of_2021_word_a_few_stages_otherwise() {
        assert_eq!(name_of_2021("30.20"), "CD study/ballot initiated");
        assert_eq!(name_of_2021("40.20"), name_of("40.20"));
    }
}
