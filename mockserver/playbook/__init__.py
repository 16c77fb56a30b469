"""A playbook: a folder of scenario files (YAML, TOML) that says what a mock or a clinic begins with."""
