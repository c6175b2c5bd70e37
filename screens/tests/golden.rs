//! The words of the ward list and of a patient's page, kept as they should read.
//!
//! When a change is meant, run with `INSTA_UPDATE=always` and read the difference before keeping it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use crate::common;
use crate::fixture;

use common::{get, words};
use fixture::Hospital;

async fn check(name: &str, address: &str) {
    let hospital = Hospital::full();
    let read = words(&get(&hospital.router(), address).await.text());
    insta::with_settings!({ prepend_module_to_snapshot => false, snapshot_path => "golden", omit_expression => true }, {
        insta::assert_snapshot!(name, read);
    });
}

#[tokio::test]
async fn the_ward_list_reads_as_it_should() {
    check("ward_list", "/wards/Northgate%20General/AMU").await;
}

#[tokio::test]
async fn the_patient_page_reads_as_it_should() {
    check("patient", "/patients/1").await;
}
