"""The only place that speaks SQL: tables, and one module per aggregate; no function begins or commits."""
