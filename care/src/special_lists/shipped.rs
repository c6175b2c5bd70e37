//! The special lists that come with Lifeboat: the texts of `forms/special_lists`, built into the program. A test holds this
//! list to the folder.

/// (file name, text) of every shipped file.
pub fn shipped() -> &'static [(&'static str, &'static str)] {
    &[("lists.txt", include_str!("../../../forms/special_lists/lists.txt"))]
}
