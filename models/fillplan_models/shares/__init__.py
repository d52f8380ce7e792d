"""How a title's hours in a region split over the rungs, audio and subtitle languages of its files."""
