"""The demo city's government services: catalogue, cases, halls. Everything is made up."""
