"""CloudWatch alarms as AWS documents them."""
