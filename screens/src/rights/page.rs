//! `GET /rights`: each group of pages with who may look and do, within which places, and who may break the glass; and all of it
//! as one table of roles.

use crate::desk::{Desk, Html, Look, Visit};
use crate::layout::{Here, Layout};
use access::Role;
use access::people::Within;
use access::rights::{Group, Whom};
use askama::Template;
use axum::extract::State;
use axum::response::Response;

#[derive(Template)]
#[template(path = "rights/page.html")]
struct RightsPage {
    layout: Layout,
    faults: Vec<String>,
    groups: Vec<GroupLine>,
    roles: Vec<&'static str>,
    rows: Vec<(usize, String, Vec<&'static str>)>,
    pages: usize,
}

struct GroupLine {
    number: usize,
    name: String,
    why: String,
    look: String,
    deed: String,
    within: &'static str,
    glass: String,
    addresses: Vec<String>,
}

/// `GET /rights`
pub async fn show(State(desk): State<Desk>, visit: Visit) -> Response {
    desk.page(visit, |look| Ok(Html(page(look)))).await
}

fn page(look: &Look<'_>) -> RightsPage {
    let forms = &look.access().forms;
    let groups = forms.rights.groups();
    let rows = (1..).zip(groups).map(|(number, group)| {
        let cells = Role::ALL.map(|role| cell(group, role)).to_vec();
        (number, group.name.clone(), cells)
    });
    RightsPage {
        layout: Layout::new(look, "Who may look at what", Here::Nowhere).still(),
        faults: forms.faults.iter().flat_map(|fault| fault.lines().map(str::to_owned)).collect(),
        roles: Role::ALL.map(Role::words).to_vec(),
        rows: rows.collect(),
        pages: groups.iter().map(|group| group.addresses.len()).sum(),
        groups: (1..).zip(groups).map(|(number, group)| line(number, group)).collect(),
    }
}

fn line(number: usize, group: &Group) -> GroupLine {
    let newcomers = |whom: &Whom| {
        let also = if whom.newcomers { ", and who has still to choose how to sign in" } else { "" };
        format!("{}{also}", whom.words())
    };
    GroupLine {
        number,
        name: group.name.clone(),
        why: group.why.clone(),
        look: newcomers(&group.look),
        deed: newcomers(&group.deed),
        within: match group.within {
            Within::Trust => "the whole trust",
            Within::Site => "the hospitals at which they work",
            Within::Ward => "the wards on which they work",
        },
        glass: group.glass.iter().map(|role| role.words()).collect::<Vec<_>>().join(", "),
        addresses: group.addresses.clone(),
    }
}

/// What a role may, in a word: of the table's cells.
fn cell(group: &Group, role: Role) -> &'static str {
    let has = |whom: &Whom| whom.anybody || whom.everybody || whom.roles.contains(&role);
    let glass = group.glass.contains(&role);
    match (has(&group.look), has(&group.deed), glass) {
        (true, true, false) => "look, do",
        (true, true, true) => "look, do, glass",
        (true, false, false) => "look",
        (true, false, true) => "look, glass",
        (false, true, false) => "do",
        (false, true, true) => "do, glass",
        (false, false, true) => "glass",
        (false, false, false) => "",
    }
}
