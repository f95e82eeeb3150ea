"""Submission to verdict: intake, policy, grading, and whether an exercise is sound."""
