//! Tests that run on both databases of a ledger.

/// Runs bodies that take settings: each as a test with the ledger in a file, and all in one test with ledgers in PostgreSQL.
macro_rules! on_both {
    ($($body:ident),* $(,)?) => {
        mod in_a_file {
            $(#[test]
            fn $body() {
                super::$body("");
            })*
        }

        /// One server for all, since starting one takes longer than the tests do.
        #[test]
        fn in_postgres() {
            seaworthy_testing::needs!(INITDB);
            let server = crate::postgres::Server::start(&["fsync=off", "max_connections=20"]);
            $(
                println!("in PostgreSQL: {}", stringify!($body));
                let seaworthy_ledger::Location::Postgres(url) = server.database() else { panic!("no server") };
                $body(&format!("[ledger]\nurl = {url:?}\n"));
            )*
        }
    };
}
