"""Interview sessions: choosing entries, bundles without answers, grading what comes back, reports."""
