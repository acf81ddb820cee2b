"""Flight software of a descent: navigation filter, altimeter policies, attitude control, guidance laws."""
