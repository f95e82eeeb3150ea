"""Reports: documents and screens that are made from verdicts."""
