"""The only place that speaks SQL: tables, and one module per aggregate. No function here begins or commits a transaction."""
