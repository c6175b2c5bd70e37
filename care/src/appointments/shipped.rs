//! The rules that come with Lifeboat: the texts of `forms/clinics`, built into the program so that a machine taken from a
//! bag has them without its folder. A test holds this list to the folder.

/// (file name, text) of every shipped file.
pub fn shipped() -> &'static [(&'static str, &'static str)] {
    &SHIPPED
}

macro_rules! rules {
    ($file:literal) => {
        ($file, include_str!(concat!("../../../forms/clinics/", $file)))
    };
}

const SHIPPED: [(&str, &str); 3] = [rules!("kinds.txt"), rules!("systems.txt"), rules!("thresholds.txt")];
