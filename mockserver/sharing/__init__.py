"""Several servers, one set of clinics: what happens to a clinic is a log of events, which every server replays."""
