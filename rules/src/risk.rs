//! The form of risk rules, `risk/*.toml`: when a rule fires, what it does to the tier, why, and what it asks.
