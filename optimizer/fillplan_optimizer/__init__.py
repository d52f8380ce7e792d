"""Placement: a complete problem in, a verified placement with value, bound and gap out."""
