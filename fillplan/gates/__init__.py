"""Gates: before a night uses its tables and before it publishes its plan, both are compared with what was good."""
