//! What the staff's screens show of the public page: a preview, posts to copy, and how the pushing goes.

use super::Inner;
use incident::Ground;
use incident::public_updates::PublicBoard;
use screens::{PublicPlace, PublicPress, SocialPost};
use std::sync::PoisonError;

impl PublicPress for Inner {
    fn address(&self) -> Option<String> {
        self.set_up.then(|| self.settings.address.clone())
    }

    fn preview(&self, board: &PublicBoard, welsh: bool) -> Result<Vec<u8>, String> {
        let edition =
            public_page::press(board, &self.settings, self.now()).map_err(|fault| fault.to_string())?;
        let page = if welsh { "cy.html" } else { "index.html" };
        edition.file(page).map(<[u8]>::to_vec).ok_or_else(|| format!("the edition has no {page}"))
    }

    fn posts(&self, board: &PublicBoard) -> Result<Vec<SocialPost>, String> {
        let posts = public_page::posts(board, &self.settings).map_err(|fault| fault.to_string())?;
        let post = |post: public_page::Post| SocialPost {
            network: post.network.name,
            text: post.text,
            characters: post.characters,
            characters_max: post.network.characters_max,
        };
        Ok(posts.into_iter().map(post).collect())
    }

    fn places(&self, ground: Ground) -> Vec<PublicPlace> {
        let grounds = self.grounds.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(pressed) = grounds.get(&ground) else { return Vec::new() };
        let states = pressed.places.iter().map(|(board, _)| board.state());
        states
            .map(|state| PublicPlace {
                name: state.name,
                pushed: state.pushed,
                failing: state.failing,
                waiting: state.waiting,
            })
            .collect()
    }
}
