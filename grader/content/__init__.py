"""YAML of a pack -> frozen values of `grader.model`, and the checks on the way.

    pack         finds and loads exercises, entries and the syllabus; start here
    manifest     exercises/<slug>/exercise.yaml       mutants      reference/<slug>/mutants.yaml, with edits
    entry        bank/<area>/<id>.yaml                numeric      its templates, and formula, their arithmetic
    syllabus     bank/syllabus.yaml                   schema       JSON Schemas for editors
    promises     reference/<slug>/promises.yaml
    new_exercise skeletons of exercises                unfinished   what is left to write of one
    fields       what these have in common            complaints   pydantic's errors as sentences
    yaml_source  a small, safe YAML with line numbers

Nothing here runs what a pack holds, and nothing here imports numpy or torch.
"""
