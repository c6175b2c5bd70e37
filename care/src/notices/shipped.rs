//! The notices that come with Lifeboat: the texts of `forms/notices`, built into the program so that a machine taken from a
//! bag has them without its folder. A test holds this list to the folder.

/// (file name, text) of every shipped file.
pub fn shipped() -> &'static [(&'static str, &'static str)] {
    &SHIPPED
}

macro_rules! words {
    ($file:literal) => {
        ($file, include_str!(concat!("../../../forms/notices/", $file)))
    };
}

const SHIPPED: [(&str, &str); 10] = [
    words!("english_easy_read.txt"),
    words!("english_letters.txt"),
    words!("english_phone.txt"),
    words!("english_phrases.txt"),
    words!("english_texts.txt"),
    words!("welsh_easy_read.txt"),
    words!("welsh_letters.txt"),
    words!("welsh_phone.txt"),
    words!("welsh_phrases.txt"),
    words!("welsh_texts.txt"),
];
