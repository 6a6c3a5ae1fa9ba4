"""EKS: MiniStack's API, with real control planes of this machine in the place of its containers."""
