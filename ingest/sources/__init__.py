"""Where mail comes from, one file per source; archives are listed in `registry`."""
