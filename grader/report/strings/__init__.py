"""The sentences of the catalogue, a module for each part of the product; keys begin with the part's name."""
