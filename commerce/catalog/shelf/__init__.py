"""The shelf: a copy of the visible catalogue in the form that lists filter, sort and count by.

`terms` says what a product has; `keeping` makes the copy follow the catalogue; `filters`,
`measuring`, `counting`, `paging` and `lists` read it. The shelf decides nothing: prices and stock
that are shown, put into a cart or sold are read from the catalogue and the stock themselves. See
docs/search.md.
"""
