"""Files -> checked rows -> tables.

description (what a source is) -> reading (bounded chunks of text) -> normalise (values) -> checks (rows that cannot be
believed go to quarantine whole) -> places (which district and street) -> identity (new, already there, newer version)
-> load (one transaction) -> report (what happened, in both languages and JSON).
"""
