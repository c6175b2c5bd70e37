//! The cards that come with Lifeboat: the texts of `forms/action_cards`, built into the program so that a machine taken
//! from a bag has them without its folder. A test holds this list to the folder.

/// (file name, text) of every shipped card.
pub fn shipped() -> &'static [(&'static str, &'static str)] {
    &SHIPPED
}

macro_rules! card {
    ($file:literal) => {
        ($file, include_str!(concat!("../../../forms/action_cards/", $file)))
    };
}

const SHIPPED: [(&str, &str); 25] = [
    card!("ambulance_liaison.txt"),
    card!("bookings_lead.txt"),
    card!("communications_lead.txt"),
    card!("critical_care_lead.txt"),
    card!("ed_consultant.txt"),
    card!("ed_nurse_in_charge.txt"),
    card!("estates_lead.txt"),
    card!("imaging_lead.txt"),
    card!("infection_control_lead.txt"),
    card!("it_lead.txt"),
    card!("loggist.txt"),
    card!("maternity_lead.txt"),
    card!("mortuary_lead.txt"),
    card!("pathology_lead.txt"),
    card!("pharmacy_lead.txt"),
    card!("records_lead.txt"),
    card!("runners_lead.txt"),
    card!("security_lead.txt"),
    card!("site_manager.txt"),
    card!("staffing_lead.txt"),
    card!("strategic_commander.txt"),
    card!("switchboard_lead.txt"),
    card!("tactical_commander.txt"),
    card!("theatres_lead.txt"),
    card!("ward_nurse_in_charge.txt"),
];
