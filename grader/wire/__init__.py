"""What crosses between judge and guest: frames of plain data, with caps that are checked before anything is allocated.

Both sides import this package and neither trusts it to be unmodified on the other: the guest's copy lies where
candidate code runs. Whatever arrives is decoded under `Caps` into exact plain types.
"""
