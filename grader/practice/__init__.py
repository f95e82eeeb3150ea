"""Practice: which entry comes next, whether an answer is right, what is learnt from it. No terminal, no database."""
