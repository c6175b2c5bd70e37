//! Hands decisions back: what the pages ask for, made by `back_load` from the record.

use basics::{Moment, Zone};
use control_room::ControlRoom;
use incident::Ground;
use screens::BackLoad;

/// The desk of a running Lifeboat.
pub struct BackLoadDesk {
    pub room: ControlRoom,
    pub zone: Zone,
}

impl BackLoad for BackLoadDesk {
    fn bookings(&self, ground: Ground, at: Moment) -> Result<Vec<u8>, String> {
        back_load::bookings(&self.room, ground, at, &self.zone).map_err(|fault| fault.to_string())
    }
}
