"""viva: interview exercises for machine learning whose verdicts cannot be forged."""
