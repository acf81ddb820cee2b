"""The closed loop: truth, sensors, flight software and faults in one compiled step."""
