//! Connection poolers between Snug and PostgreSQL, such as PgBouncer: the settings that they need, and what to do if one is missing.

pub mod store;

/// sqlx sets this parameter for every connection, and PgBouncer refuses parameters that it does not know.
const NEEDS_PARAMETER: &str = "PgBouncer refuses a parameter of our connections. Add the line \
     `ignore_startup_parameters = extra_float_digits` below [pgbouncer] in pgbouncer.ini, and restart PgBouncer";

const MIXES_STATEMENTS: &str = "PgBouncer, or another pooler, passes the statements of one connection to several connections of \
     PostgreSQL, which can then run another statement than ours. Set `pool_mode = session` in pgbouncer.ini. With PgBouncer 1.21 or \
     newer you can also set `pool_mode = transaction` and `max_prepared_statements = 200`. Or use the address of PostgreSQL itself";

/// Adds what to do to the error of a connection that PgBouncer has refused. Returns other errors as they are.
pub fn explained<E>(error: E) -> anyhow::Error
where
    E: std::error::Error + Send + Sync + 'static,
{
    let needs_parameter = error.to_string().contains("unsupported startup parameter");
    let error = anyhow::Error::new(error);
    match needs_parameter {
        true => error.context(NEEDS_PARAMETER),
        false => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io;

    #[test]
    fn only_a_parameter_that_pgbouncer_refuses_is_explained() {
        let refused = explained(io::Error::other("unsupported startup parameter: extra_float_digits"));
        let message = format!("{refused:#}");
        assert!(message.contains("`ignore_startup_parameters = "), "{message}");
        assert!(message.ends_with("parameter: extra_float_digits"), "{message}");
        let other = explained(io::Error::other("no route to host"));
        assert_eq!(format!("{other:#}"), "no route to host");
    }
}
