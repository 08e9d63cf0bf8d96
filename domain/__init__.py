"""The city's arithmetic as pure functions. Imports none of the other rooms."""
