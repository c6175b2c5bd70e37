//! What a page says after a form: one sentence for each deed, told by `?done=`.
//!
//! Never: words of the address on a page; a code that is not listed here says nothing. Called by every page through `Visit`.

/// The sentence for each deed that a form can do. Only these can be shown: the address cannot put words on a page.
pub fn words(code: &str) -> Option<&'static str> {
    Some(match code {
        "mode" => "The mode was changed and written into the record.",
        "hatch-closed" => {
            "The hatch is closed, and every page says so. What comes now is kept and kept apart."
        }
        "hatch-opened" => {
            "The hatch is open. What still waits stays apart until it is admitted or turned away."
        }
        "hatch-taken-back" => {
            "The closing is taken back. It was never recorded: write on paper from when to when it was in force."
        }
        "hatch-admitting" => "The messages are being admitted, in the order in which they came.",
        "hatch-turned-away" => "Turned away for good. They stay in the record and are shown nowhere.",
        "cleared" => "The message was cleared from the tray. Its bytes stay in the record.",
        "replayed" => "The message was read again. If it is still listed here, it is still not understood.",
        "replayed-all" => "The tray was read again. What is still listed is still not understood.",
        "reprint" => "The pack is being made again. This takes a few seconds.",
        "public-drafted" => "The draft is kept. Nobody outside sees it until a second person approves it.",
        "public-approved" => "The update is public. Below is where it is read, and whether it got there.",
        "public-withdrawn" => {
            "The update is withdrawn. Watch below that it is gone everywhere, and draft a new one."
        }
        "public-discarded" => "The draft is given up. It never was public.",
        "opened" => "It is open, and every page says so. Next: METHANE, then the roles.",
        "stage" => "The incident was changed. Every page says so.",
        "methane" => "The METHANE report is in the log and on every board.",
        "role" => "Who holds the role is written into the log.",
        "handover" => "The role was handed over. The briefing is in the log.",
        "decision" => "The decision is numbered and sealed in the log.",
        "review" => "The review is written into the log.",
        "hospital" => "What the hospital can do is on every board.",
        "stood-down" => "Stood down. The cards now show the stand-down steps.",
        "resumed" => "The incident runs again.",
        "clinic-kept" => "Kept. Whoever was told otherwise is to be told that it goes ahead.",
        "clinic-postponed" => {
            "Decided and sealed. For class A a second person must agree first. Next: the notices."
        }
        "clinic-undone" => "Undone; nobody was told. What was decided before stays in the clinic book.",
        "clinic-turned-down" => "It is not postponed. The reason is in the clinic book.",
        "clinic-escalated" => "Given to the clinician. The board shows until when they decide.",
        "clinic-sent" => "The notices are on their way. Watch below what fails; those are to be rung.",
        "clinic-posted" => "Noted as posted. A letter is no proof: those patients stay on the door list.",
        "clinic-spoke" => "Noted: they know.",
        "clinic-no-answer" => "Noted. They stay on this list and on the door list.",
        "clinic-came" => "Counted.",
        "clinic-rebooked" => "Rebooked. They are to be told of the new time.",
        "clinic-room" => "The room is noted.",
        "entry" => "The entry is numbered and sealed.",
        "corrected" => "The correction is an entry of its own; the one it corrects says so.",
        "divert-asked" => {
            "Asked for, and on the board. The sites asked must consent before it can be authorised."
        }
        "divert-answered" => "The answer is recorded.",
        "divert-authorised" => "In force. The sites concerned are asked to acknowledge it.",
        "divert-renewed" => "Renewed. The sites concerned are asked to acknowledge it.",
        "divert-ended" => "Ended as you said. The sites concerned are asked to acknowledge it.",
        "divert-withdrawn" => "The request is taken back.",
        "divert-override" => "The crew's decision is recorded.",
        "divert-figures" => "The figures are on the board.",
        "divert-standing" => "What the site takes is on the board.",
        "divert-acknowledged" => "Acknowledged for this site.",
        "divert-moved" => "Counted, each patient once.",
        "divert-proposed" => "This plan is a proposal: nothing is in force until a named person accepts it.",
        "divert-accepted" => {
            "The plan is accepted. Each site concerned is told by a message, and asked to acknowledge it."
        }
        "divert-plan-refused" => "The plan is refused, with your reason. It stays on record.",
        "divert-changed" => "This is the changed plan, a proposal. The one before stays on record.",
        "divert-listed" => "The site is on the board.",
        "divert-times" => "The region is being read again; this page says when its travel times are from.",
        "divert-rules" => "These times hold from now on.",
        "divert-feed" => "The report stands beside the board, unconfirmed.",
        "listed" => "The directory is changed, and the log says so.",
        "retired" => "Taken out of the directory.",
        "duty" => "Written down who is on duty.",
        "route" => "Written down. Numbers that work are shown first from now on.",
        "sent" => "Sent. Each person’s answer comes back here.",
        "again" => "It goes out again to those who have not answered.",
        "closed" => "Its links are closed.",
        "answered" => "The answer is written down.",
        "phones" => "Written down what the exercise may reach.",
        "evidence" => "Kept, sealed and hashed; the log says so.",
        "outbox" => "Done, and written into the outbox’s record.",
        "attack" => "The attack is being played: every feed falls silent.",
        "restore" => "The feeds are being restored.",
        "step-done" => "Ticked, and written into the log.",
        "step-aside" => "Set aside as not needed, and written into the log.",
        "step-open" => "The step is open again. What was noted before stays in the log.",
        "role-taken" => "The role is yours. This is your card.",
        "cards-adopted" => "These cards are in use from the next incident on.",
        "cards-issued" => "The incident was given the cards in use.",
        "system-told" => "The system’s state was changed and written into the log.",
        "system-workaround" => "What to do without it was changed and written into the log.",
        "system-reported" => "Thank you. Your report stands on the systems board and in the log.",
        "report-settled" => "The report was dealt with and written into the log.",
        "systems-listed" => "The systems were listed.",
        "sitrep-begun" => {
            "The sitrep was drafted from the boards. Add what no board knows, then have it approved."
        }
        "sitrep-kept" => "The draft was kept.",
        "sitrep-approved" => "The sitrep was approved and numbered.",
        "sitrep-discarded" => "The draft was given up.",
        "sitrep-due" => "The next sitrep’s time was changed.",
        "signed-out" => "You are signed out. Nobody else’s session was opened by that.",
        "locked" => "This screen is locked. Your passphrase or PIN opens it again.",
        "passphrase-kept" => "Your passphrase is kept. Use it from now on.",
        "phone-added" => "The phone is added. Its codes let you in from now on.",
        "phone-removed" => "The phone is taken away. Its codes count no more.",
        "recovery-kept" => "Keep the codes on paper, away from the phone and the passphrase.",
        "session-ended" => "That session is ended.",
        "sessions-ended" => "All your sessions but this one are ended.",
        "account-opened" => "The account is open. Next: invite them.",
        "account-changed" => "The account was changed. It counts from the next page they open.",
        "account-closed" => "The account is closed, and they are signed out.",
        "account-reopened" => "The account is open again. They need an invitation.",
        "people-ended" => "Ended. Whoever had it is told by whom and why.",
        "way-removed" => "Taken away. It lets nobody in any more.",
        "people-imported" => "The sheet was taken. Next: letters for those who cannot sign in yet.",
        "device-enrolled" => "This browser is enrolled.",
        "device-revoked" => "The device is revoked. Everybody on it is signed out.",
        "device-withdrawn" => "The code is taken back; it enrols nothing any more.",
        "card-asked" => "Asked for. A second person must issue it.",
        "card-issued" => "Issued. Print it now: once, within five minutes, from this screen.",
        "card-void" => "The card is void. Whoever it let in is signed out.",
        "glass" => {
            "The glass is broken for this patient, for one hour. The ward and the privacy officer are told."
        }
        "glass-reviewed" => "The review is closed. It stays on record with what you found.",
        _ => return None,
    })
}
