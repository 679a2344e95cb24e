"""What every bench shares: the stage (namespaces, processes), the traffic, the rounds, the report."""
