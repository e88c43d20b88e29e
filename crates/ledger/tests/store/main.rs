//! The tests of the ledger, on SQLite and on PostgreSQL: each body runs on both.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, unreachable_pub)]

mod bodies;
mod decided;
mod events;
mod jobs;
mod old;
mod postgres;
mod reading;
mod subjects;
mod threads;
mod world;

use seaworthy_ledger::Location;

/// A function that gives an empty location at each call.
pub(crate) type Places<'a> = &'a mut dyn FnMut() -> Location;

macro_rules! on_both {
    ($($module:ident :: $body:ident),* $(,)?) => {
        mod sqlite {
            $(#[test]
            fn $body() {
                let folder = tempfile::tempdir().unwrap();
                let mut n = 0;
                super::$module::$body(&mut || {
                    n += 1;
                    super::Location::Sqlite(folder.path().join(format!("{n}.db")))
                });
            })*
        }

        /// One server runs for all bodies, since its start takes longer than they do.
        #[test]
        fn postgres() {
            seaworthy_testing::needs!(INITDB);
            let server = postgres::Server::start(&["fsync=off", "max_connections=50"]);
            $(
                println!("on PostgreSQL: {}", stringify!($body));
                $module::$body(&mut || server.database());
            )*
            threads::a_connection_that_has_ended_is_not_used_again(&mut || server.database());
        }
    };
}

on_both! {
    bodies::events_are_chained_and_read_back,
    bodies::an_illegal_step_refuses_the_whole_batch,
    bodies::what_cannot_be_kept_is_refused,
    bodies::secrets_are_not_kept_and_an_export_deceives_nobody,
    bodies::a_decision_on_old_knowledge_is_refused,
    bodies::batches_are_kept,
    bodies::a_case_that_was_never_opened_is_not_there,
    bodies::the_queue_is_in_order_and_in_pages,
    bodies::cases_under_embargo_are_hidden,
    decided::what_is_decided_of_some_pairs_is_read,
    bodies::tampering_is_found_and_where,
    bodies::the_log_cannot_be_changed_by_accident,
    bodies::a_newer_schema_is_refused,
    bodies::rebuilding_gives_the_same,
    bodies::an_import_of_an_export_is_the_same_log,
    bodies::a_torn_or_changed_export_is_refused,
    bodies::two_writers_lose_nothing,
    bodies::two_that_open_at_once_agree,
    bodies::any_batches_give_the_same_views,
    events::an_event_that_cannot_be_read_is_an_error,
    events::a_history_folds_the_same_however_it_is_cut,
    jobs::a_place_is_had_once,
    jobs::a_run_is_told_of_as_it_goes,
    jobs::a_cancelled_run_writes_nothing,
    jobs::a_run_that_lost_its_place_writes_nothing,
    jobs::of_two_at_once_one_has_the_place,
    jobs::a_cancel_is_before_the_writing_or_too_late,
    jobs::a_ledger_without_runs_migrates,
    subjects::a_publication_commits_while_people_work,
    subjects::subjects_fold,
    subjects::events_that_are_not_known_are_kept,
    subjects::a_schema_that_only_adds_is_read_and_written_where_it_may_be,
    subjects::a_ledger_of_the_first_schema_migrates,
    subjects::a_package_that_had_left_is_no_longer_shipped,
    subjects::a_case_knows_what_was_taken_back_of_it,
    subjects::an_event_of_the_future_is_refused_and_corrected,
    subjects::a_publication_on_a_long_log_commits_while_a_case_is_assigned,
    threads::readers_wait_for_no_writer,
    threads::of_many_that_expect_a_version_one_wins,
    threads::a_panic_leaves_the_ledger_usable,
    threads::a_callback_uses_the_ledger,
    threads::a_connection_is_made_when_it_is_needed,
    old::the_old_log_is_taken_over_once,
    old::a_broken_old_log_is_refused,
}
