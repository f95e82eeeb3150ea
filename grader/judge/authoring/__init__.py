"""What authors write suites with, beyond comparing values: `grader.judge` has all of it by name.

Refusals, the world around a call, drawing of inputs, modules and gradients, and samples judged as distributions.
Nothing here needs more of a candidate than handles give, so a claim means the same in a box and under plain pytest.
"""
