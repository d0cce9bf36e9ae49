"""What can be known of a node from outside: logs, metrics, notifications, and that no secret is in any of them."""
