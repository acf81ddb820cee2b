"""Before flight: the steps of ground under a track against gates, the altimeter's deadline, reach."""
