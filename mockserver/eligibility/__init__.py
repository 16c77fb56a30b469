"""What is true and what is known of it: people, cards, records and the one look-up. No I/O, no clock, no wire names."""
