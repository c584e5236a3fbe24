"""What the check language cannot say; each function is named by a rule or a trait."""
