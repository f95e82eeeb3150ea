"""The grading backend's use cases: who may send, what is kept, who is told. Knows neither HTTP nor SQL."""
