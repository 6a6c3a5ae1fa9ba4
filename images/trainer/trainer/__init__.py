"""The training image: runs a team's training script and judges what it made."""
