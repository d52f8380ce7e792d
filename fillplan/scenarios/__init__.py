"""What-if scenarios: named overrides of a workspace's checked tables, demand, problem and settings."""
